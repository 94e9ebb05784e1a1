import type { AuditEvent } from '../../core/audit/event.ts';
import { eventSet } from '../../core/audit/event.ts';
import { SnapshotError } from '../../core/errors.ts';
import { isOid } from '../../core/oid.ts';
import { DEFAULT_SET } from '../../core/policy/default-set.ts';
import type { ArmedReplacement } from '../../core/rollback/port.ts';
import type { Context, GovernedSet } from '../context.ts';
import { openLog } from '../log/open-log.ts';
import { soundLog } from '../log/sound-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { RollbackResult } from '../results.ts';
import { listSnapshotRefs } from '../snapshot/list-snapshot-refs.ts';
import { currentSnapshot } from '../snapshot/live-changes.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { readSnapshot } from '../snapshot/read-snapshots.ts';
import { openJudge, requireTrusted } from '../verify/judge-snapshot.ts';
import { keptFile } from './kept-file.ts';
import { lockSet } from './lock-set.ts';
import { PhaseClock } from './phase-clock.ts';
import type { RollbackOptions } from './plan-rollback.ts';
import { recordRollback, takeBack } from './record-rollback.ts';
import { rollBack } from './roll-back.ts';
import { applyRollback } from './settle-rollback.ts';
import { tellOfEnvironment, tellOfStayingEnvironments } from './tell-environments.ts';
import { unfinishedError } from './unfinished-error.ts';

/** Finishes a rollback that was interrupted, as if it had not been. */
export async function continueRollback(
  ctx: Context,
  { set: name }: { readonly set: string | undefined },
): Promise<RollbackResult> {
  const startedMs = ctx.nowMs();
  const clock = new PhaseClock(ctx);
  const trusted = await loadPolicy(ctx);
  const set = governedSet(trusted.policy, name);
  return withUnfinished(ctx, set, async (armed) => {
    const { from, to } = await clock.time('resolve', () => snapshotsOf(ctx, { trusted, set, armed }));
    await clock.time('verify', async () => {
      // Where the log is what is wrong, nothing is wrong with the snapshot.
      await soundLog(ctx, trusted);
      const judge = await openJudge(ctx, trusted);
      requireTrusted(to, await judge(to));
    });
    const workdir = await ctx.workdir(set);
    const scene = { trusted, set, workdir, armed, from, to, preview: previewOf(armed), startedMs, clock };
    const result = await applyRollback(ctx, scene);
    await tellOfEnvironment(ctx, { trusted, set, to, environment: armed.journal.context['environment'] });
    return result;
  });
}

/**
 * Takes an interrupted rollback back: the directory is again what it was before it. The journal is enough for that:
 * policy, log and snapshots may be lost, and are needed to record it only.
 */
export async function abortRollback(
  ctx: Context,
  { set: name }: { readonly set: string | undefined },
): Promise<RollbackResult> {
  const startedMs = ctx.nowMs();
  const clock = new PhaseClock(ctx);
  const set = await unfinishedSet(ctx, name);
  return withUnfinished(ctx, set, async (armed) => {
    // Where it was killed right before its end, the directory counted as rolled back already.
    const expected = armed.journal.context['expectedTag'];
    const workdir = await ctx.workdir(set);
    if (expected !== undefined && isOid(expected, ctx.store.format)) await workdir.setExpected(expected);
    const rescued = await takeBack(ctx, armed, async () => {
      const trusted = await loadPolicy(ctx);
      const names = await namesOf(ctx, { trusted, set, armed });
      await recordRollback(ctx, { trusted, set, ...names, startedMs, clock, journal: armed.journal }, 'reverted');
    });
    return {
      ...previewOf(armed),
      outcome: 'reverted',
      rescued: rescued.map(keptFile),
      durationMs: ctx.nowMs() - startedMs,
    };
  });
}

/** The set whose rollback is unfinished, from the journals that there are. @throws {SnapshotError} `not-found`, `usage` */
async function unfinishedSet(ctx: Context, name: string | undefined): Promise<GovernedSet> {
  const sets = (await ctx.unfinishedSets()).map(({ set }) => set);
  const chosen = sets.filter((set) => name === undefined || set.name === name);
  const [set = chosen[0]] = chosen.length === 1 ? chosen : chosen.filter((one) => one.name === DEFAULT_SET);
  if (set === undefined) {
    await refuseWhileBusy(ctx, name);
    throw nothingUnfinished(name);
  }
  if (chosen.length > 1 && set.name !== DEFAULT_SET) {
    throw new SnapshotError('usage', 'rollbacks of several sets are unfinished', {
      hint: `Name one with --set: ${chosen.map((one) => one.name).join(', ')}.`,
    });
  }
  return set;
}

/** Of a rollback that is being prepared there is nothing to take back yet. @throws {SnapshotError} of kind `conflict` */
async function refuseWhileBusy(ctx: Context, name: string | undefined): Promise<void> {
  let set: GovernedSet;
  try {
    set = governedSet((await loadPolicy(ctx)).policy, name);
  } catch (error) {
    // Which sets there are may be lost.
    if (!(error instanceof SnapshotError)) throw error;
    return;
  }
  const replacer = await ctx.replacer(set);
  if (replacer.holder() !== undefined) lockSet(replacer).release();
}

function nothingUnfinished(set: string | undefined): SnapshotError {
  return new SnapshotError(
    'not-found',
    set === undefined ? 'no rollback is unfinished' : `no rollback of the set '${set}' is unfinished`,
    { hint: 'See "git snapshot status".' },
  );
}

async function withUnfinished(
  ctx: Context,
  set: GovernedSet,
  act: (armed: ArmedReplacement) => Promise<RollbackResult>,
): Promise<RollbackResult> {
  const lock = lockSet(await ctx.replacer(set));
  try {
    const armed = lock.pending();
    if (armed === undefined) throw nothingUnfinished(set.name);
    return await act(armed);
  } finally {
    lock.release();
  }
}

function previewOf({ journal: { set, from, to, context } }: ArmedReplacement): Omit<RollbackResult, 'outcome'> {
  return {
    set,
    from,
    to,
    isUnnamedBackup: false,
    backup: from,
    changes: JSON.parse(context['counts'] ?? '{}') as RollbackResult['changes'],
    paths: [],
    rescued: [],
    changedAfter: { paths: [], programs: [] },
    appeared: [],
    gates: [],
    health: undefined,
    phases: [],
    durationMs: 0,
  };
}

interface Unfinished {
  readonly trusted: TrustedPolicy;
  readonly set: GovernedSet;
  readonly armed: ArmedReplacement;
}

async function snapshotsOf(ctx: Context, unfinished: Unfinished) {
  const { context } = unfinished.armed.journal;
  return {
    from: await snapshotByTag(ctx, unfinished, context['fromTag']),
    to: await snapshotByTag(ctx, unfinished, context['toTag']),
  };
}

/** Snapshots were resolved to object names when the rollback began; these are used to its end. */
async function snapshotByTag(
  ctx: Context,
  { trusted, set }: Unfinished,
  tag: string | undefined,
): Promise<StoredSnapshot> {
  const ref = (await listSnapshotRefs(ctx, set.name)).find(({ oid }) => oid === tag);
  if (ref !== undefined) return readSnapshot(ctx, ref);
  const { id } = (await fateOf(ctx, { trusted, set, tag }))?.snapshot ?? {};
  if (id === undefined) {
    throw new SnapshotError('not-found', `the snapshot ${tag ?? ''} of the unfinished rollback is gone`, {
      hint: 'Bring its ref back, from another clone or with "git update-ref", and run this again.',
    });
  }
  throw new SnapshotError('conflict', `the snapshot ${id} of the unfinished rollback was removed meanwhile`, {
    hint: 'Run "git rollback --abort" to go back to how it was. "git snapshot log" says who removed it, and why.',
  });
}

/** The snapshots as the log has them: they themselves may be gone. */
async function namesOf(ctx: Context, { trusted, set, armed }: Unfinished) {
  const { context } = armed.journal;
  const nameOf = async (tag: string | undefined) =>
    (await fateOf(ctx, { trusted, set, tag }))?.snapshot ?? snapshotByTag(ctx, { trusted, set, armed }, tag);
  return { from: await nameOf(context['fromTag']), to: await nameOf(context['toTag']) };
}

async function fateOf(ctx: Context, { trusted, set, tag }: Omit<Unfinished, 'armed'> & { tag: string | undefined }) {
  const { retention } = await openLog(ctx, trusted);
  return retention.fates(set.name).find(({ snapshot }) => snapshot.tag === tag);
}

/** Undoes the last rollback, unless a snapshot was taken or put in place since. It is a rollback itself, so it can be undone. */
export async function undoRollback(
  ctx: Context,
  options: Pick<RollbackOptions, 'set' | 'reason' | 'dryRun' | 'health' | 'confirm'>,
): Promise<RollbackResult> {
  const trusted = await loadPolicy(ctx);
  const set = governedSet(trusted.policy, options.set);
  const unfinished = (await ctx.replacer(set)).unfinished();
  if (unfinished !== undefined) throw unfinishedError(unfinished);
  const workdir = await ctx.workdir(set);
  const current = await currentSnapshot(ctx, workdir, { set: set.name, refs: await listSnapshotRefs(ctx, set.name) });
  const log = await openLog(ctx, trusted);
  const ofSet = log.events
    .map(({ event }) => event)
    .filter((event) => eventSet(event) === set.name && isOfDirectory(event));
  const last = ofSet.findLast((event) => event.type === 'rollback' && event.outcome === 'applied');
  // Putting back some paths does not change what the directory should be, so only the log can tell that nothing came since.
  const isPartialAndLast = last?.type === 'rollback' && last.paths !== undefined && last === ofSet.at(-1);
  const isLast = last?.type === 'rollback' && (last.to.tag === current?.tag || isPartialAndLast);
  if (!isLast) {
    throw new SnapshotError('not-found', `there is no rollback of the set '${set.name}' to undo`, {
      hint: 'The last thing done to the directory was no rollback. Choose a snapshot with "git snapshot list" and run "git rollback SNAPSHOT".',
    });
  }
  tellOfStayingEnvironments(ctx, { log, trusted, set, last });
  return rollBack(ctx, { ...options, snapshot: last.from.id, steps: undefined, action: 'undo', paths: [] });
}

/** What was pruned, held or promoted since has left the directory as it was. */
function isOfDirectory({ type }: AuditEvent): boolean {
  return type === 'snapshot' || type === 'rollback';
}
