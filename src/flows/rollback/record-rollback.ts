import { percentEncode } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { SnapshotName } from '../../core/retention/ledger.ts';
import type { JournalHeader } from '../../core/rollback/journal.ts';
import type { AppliedReplacement, RescuedFile } from '../../core/rollback/port.ts';
import type { Context, GovernedSet } from '../context.ts';
import { sha256Of } from '../context.ts';
import type { GateOutcome } from '../gates/results.ts';
import { actorFor, requireRole } from '../log/actor.ts';
import { openLog } from '../log/open-log.ts';
import { publish } from '../log/publish.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { HealthOutcome } from '../results.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import type { PhaseClock } from './phase-clock.ts';
import { tellStays } from './tell-stays.ts';

/** What the person asked for; the log says which. */
export type RollbackAction = 'rollback' | 'restore' | 'undo';

/** A rollback, as its event tells of it. */
export interface RollbackToRecord {
  readonly trusted: TrustedPolicy;
  readonly set: GovernedSet;
  /** What the directory was before. */
  readonly from: StoredSnapshot;
  readonly to: StoredSnapshot;
  readonly startedMs: number;
  /** What this process did of it. */
  readonly clock: PhaseClock;
  readonly health?: HealthOutcome | undefined;
}

/** Takes a replacement back, and records it: see {@link takeBack}. */
export async function revertRollback(
  ctx: Context,
  reverting: RollbackToRecord & { readonly replacement: Pick<AppliedReplacement, 'journal' | 'revert'> },
): Promise<readonly RescuedFile[]> {
  const { replacement } = reverting;
  return takeBack(ctx, replacement, () =>
    recordRollback(ctx, { ...reverting, journal: replacement.journal }, 'reverted'),
  );
}

/**
 * Takes a replacement back. For this the journal is enough, and nothing of the repository is needed.
 *
 * The event comes first, while the journal still makes sure that the deed will follow; but where it cannot be
 * written (the key is lost, or the snapshots are), the directory is put back all the same, and then the error is told.
 *
 * @param record - writes the event
 */
export async function takeBack(
  ctx: Context,
  replacement: Pick<AppliedReplacement, 'revert'>,
  record: () => Promise<void>,
): Promise<readonly RescuedFile[]> {
  const revert = async () => {
    const rescued = await replacement.revert(ctx.report.phase('Taking it back'));
    tellStays(ctx, rescued);
    return rescued.files;
  };
  try {
    await record();
  } catch (error) {
    await revert();
    if (!(error instanceof SnapshotError)) throw error;
    throw new SnapshotError(
      error.kind,
      `the directory is as it was, but this could not be recorded: ${error.message}`,
      {
        cause: error,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      },
    );
  }
  return revert();
}

/** Records how a rollback ended, unless the log has it already. Of snapshots that are gone, their names are enough. */
export async function recordRollback(
  ctx: Context,
  {
    trusted,
    set,
    from,
    to,
    startedMs,
    clock,
    health,
    journal,
  }: Omit<RollbackToRecord, 'from' | 'to'> & {
    readonly from: StoredSnapshot | SnapshotName;
    readonly to: StoredSnapshot | SnapshotName;
    readonly journal: JournalHeader;
  },
  outcome: 'applied' | 'reverted',
): Promise<void> {
  const { operation, context } = journal;
  if (await isRecorded(ctx, { trusted, journal }, outcome)) return;
  const actor = await actorFor(ctx, trusted);
  requireRole(actor, 'releaser', { set: set.name });
  const named = (one: StoredSnapshot | SnapshotName): SnapshotName =>
    'snapshot' in one ? { id: one.snapshot.id, tag: one.tag, payload: sha256Of(ctx, one.payload) } : one;
  const paths = rollbackPaths(context);
  await publish(ctx, actor, async () => ({
    event: {
      type: 'rollback',
      set: set.name,
      operation,
      action: actionOf(context['action']),
      outcome,
      to: named(to),
      from: named(from),
      ...(paths.length === 0 ? {} : { paths: paths.map(percentEncode) }),
      changes: JSON.parse(context['counts'] ?? '{}'),
      durationMs: Math.max(0, Math.round(ctx.nowMs() - startedMs)),
      phases: [...clock.times],
      ...(context['gates'] === undefined ? {} : { gates: JSON.parse(context['gates']) as GateRecord[] }),
      ...(goesPastGates(journal) ? { pastGates: true as const } : {}),
      ...(health === undefined ? {} : { health: { verdict: health.verdict, attempts: health.attempts } }),
      ...(context['reason'] === undefined ? {} : { reason: context['reason'] }),
    },
    updates: [],
    reason: `rollback: ${set.name} to ${named(to).id}`,
    result: undefined,
  }));
}

/** Whether the log tells already that a rollback ended so: a process may have been killed just after it wrote that. */
export async function isRecorded(
  ctx: Context,
  { trusted, journal: { operation } }: Pick<RollbackToRecord, 'trusted'> & { readonly journal: JournalHeader },
  outcome: 'applied' | 'reverted',
): Promise<boolean> {
  const { events } = await openLog(ctx, trusted);
  return events.some(
    ({ event }) => event.type === 'rollback' && event.operation === operation && event.outcome === outcome,
  );
}

/** What was asked for, from the journal of a rollback. */
export function actionOf(text: string | undefined): RollbackAction {
  return text === 'restore' || text === 'undo' ? text : 'rollback';
}

/** Whether somebody wants it whatever gates and the health program say. */
export function goesPastGates({ context }: JournalHeader): boolean {
  return context['pastGates'] === 'yes';
}

type GateRecord = Pick<GateOutcome, 'name' | 'verdict' | 'evidence'>;

/** What gates said, for the journal: whoever goes on with the rollback runs them no more, and records it. */
export function gatesToJournal(gates: readonly GateRecord[]): string {
  return JSON.stringify(gates.map(({ name, verdict, evidence }) => ({ name, verdict, evidence })));
}

/** The paths that a rollback was restricted to, from its journal. Empty: none. */
export function rollbackPaths(context: Readonly<Record<string, string>>): readonly BytePath[] {
  return context['paths'] === undefined ? [] : (JSON.parse(context['paths']) as BytePath[]);
}
