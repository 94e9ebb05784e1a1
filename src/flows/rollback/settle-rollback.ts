import { displayBytes } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { DIRECTORY, fileType } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import { ancestors } from '../../core/rollback/check-target.ts';
import { leftOutOf } from '../../core/rollback/left-out.ts';
import type { AppliedReplacement, ArmedReplacement, RescuedFile } from '../../core/rollback/port.ts';
import { compareEntries } from '../../core/snapshot/changes.ts';
import type { UnfitPath, Workdir } from '../../core/workdir.ts';
import type { Context } from '../context.ts';
import type { RollbackResult } from '../results.ts';
import { listSnapshotRefs } from '../snapshot/list-snapshot-refs.ts';
import { baselineOf, readSet, type SetContent } from '../snapshot/read-set.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import type { TreeEntry } from '../snapshot/snapshot-entries.ts';
import { snapshotEntries } from '../snapshot/snapshot-entries.ts';
import { LEFT_ALONE, tellNowLeftOut, tellUnfit } from '../snapshot/tell-left-out.ts';
import { keptText } from './health-failed-error.ts';
import { keptFile } from './kept-file.ts';
import { passHealth } from './pass-health.ts';
import type { RollbackToRecord } from './record-rollback.ts';
import { recordRollback, revertRollback, rollbackPaths } from './record-rollback.ts';
import { tellStays } from './tell-stays.ts';

/** A replacement whose journal is written, and what it is for. */
export interface RollbackToApply extends RollbackToRecord {
  readonly armed: ArmedReplacement;
  readonly preview: Omit<RollbackResult, 'outcome'>;
  readonly workdir: Workdir;
  /** What the two snapshots hold, and what no snapshot can hold and was told of, where that is known already. */
  readonly known?: {
    readonly before: readonly TreeEntry[];
    readonly after: readonly TreeEntry[];
    readonly unfit: readonly UnfitPath[];
  };
}

/**
 * Brings the directory to the new state and settles it. Where that cannot be done, everything is taken back; where that
 * cannot be done either, the rollback stays unfinished, and the next command says so.
 */
export async function applyRollback(ctx: Context, { armed, ...rest }: RollbackToApply): Promise<RollbackResult> {
  let applied: AppliedReplacement;
  try {
    applied = await rest.clock.time('apply', () => armed.apply(ctx.report.phase('Replacing files')));
  } catch (error) {
    await revertRollback(ctx, { ...rest, replacement: armed });
    throw error instanceof SnapshotError
      ? new SnapshotError('conflict', `${error.message}; everything was taken back`, {
          cause: error,
          hint: 'Remove the cause, then run the command again.',
        })
      : error;
  }
  return settleRollback(ctx, { ...rest, applied });
}

interface RollbackToSettle extends Omit<RollbackToApply, 'armed'> {
  readonly applied: AppliedReplacement;
}

/**
 * Ends a rollback whose changes are in place: reads the directory again from the disk, asks whether what uses it is well, takes
 * everything back if either is not as wanted, records the outcome, and only then lets go of the old files.
 *
 * What other programs have changed since it was put back is told of, and nothing is done about it: were everything taken back
 * then, nobody could roll back what a program keeps writing to.
 */
async function settleRollback(ctx: Context, settling: RollbackToSettle): Promise<RollbackResult> {
  const { applied, from, to, preview, clock } = settling;
  // What was written for the rollback is older than this new look, so that the stat cache can vouch for it.
  const workdir = settling.workdir.reopen();
  const { content, wrong, changedAfter, appeared, nowLeftOut } = await clock
    .time('check', () => readAgain(ctx, settling, workdir))
    .catch(async (error: unknown) => {
      await revertRollback(ctx, { ...settling, replacement: applied });
      if (!(error instanceof SnapshotError)) throw error;
      throw new SnapshotError(error.kind, `everything was taken back: ${error.message}`, {
        cause: error,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    });
  if (wrong.length > 0) {
    const rescued = await revertRollback(ctx, { ...settling, replacement: applied });
    throw notAsWanted(wrong, rescued);
  }
  const health = await passHealth(ctx, settling);
  const recording = { ...settling, health, journal: applied.journal };
  await clock
    .time('record', () => recordRollback(ctx, recording, 'applied'))
    .catch((error: unknown) => {
      throw unrecordedError(error);
    });
  // Before the journal goes: who is killed then must not find that the directory should be what it was before. What someone else
  // made meanwhile is a change since the rollback; a rollback of some paths is one since whatever was before.
  if (rollbackPaths(applied.journal.context).length === 0 && !(await workdir.setExpected(to.tag)))
    ctx.note(
      `warning: what the directory is at could not be remembered: name ${to.snapshot.id} where it is to stay there`,
    );
  const rescued = applied.finish();
  tellStays(ctx, rescued);
  tellNowLeftOut(ctx, nowLeftOut, 'an undo lets such things be, and the next snapshot will not');
  // The stat cache describes snapshots only: with paths left as they were, or others beside, the directory is none.
  if (content.manifest === to.snapshot.manifest && content.beside.length === 0)
    await workdir.saveBaseline(baselineOf(to.tag, content), content.entries, content.trees);
  return {
    ...preview,
    outcome: 'applied',
    from: from.snapshot.id,
    backup: from.snapshot.id,
    rescued: rescued.files.map(keptFile),
    changedAfter,
    appeared,
    health,
    phases: clock.times,
    durationMs: ctx.nowMs() - settling.startedMs,
  };
}

/**
 * The directory as it is now on the disk, and what of it is not as it should be.
 *
 * Of what else is there, nothing is read: with the ignore rules that the rollback has put in place, that may be what was left
 * out before, and never meant to be read.
 */
async function readAgain(ctx: Context, settling: RollbackToSettle, workdir: Workdir) {
  const { set, to, known } = settling;
  const aliveTags = new Set((await listSnapshotRefs(ctx, set.name)).map(({ oid }) => oid));
  const wanted = known?.after ?? (await listEntries(ctx, to));
  const reading = await readSet(ctx, workdir, {
    store: false,
    full: true,
    aliveTags,
    unsteady: 'take',
    unfit: 'leave-unread',
    among: wanted,
  });
  if (reading.outcome === 'unchanged') throw new Error('a full reading has content');
  await reading.abandon();
  const { content } = reading;
  const told = new Set(known?.unfit.map(({ path }) => path));
  tellUnfit(
    ctx,
    content.unfit.filter(({ path }) => !told.has(path)),
    LEFT_ALONE,
  );
  return { content, ...(await compareWithWanted(ctx, settling, { wanted, content, workdir })) };
}

async function listEntries(ctx: Context, { snapshot, ref }: StoredSnapshot): Promise<readonly TreeEntry[]> {
  const { tree, modes } = snapshot;
  return (await snapshotEntries(ctx, { tree, modes, what: `'${ref}'` })).entries;
}

/** What of a directory is not what was wanted. */
interface Differences {
  /** What is not, though nobody else has touched it since it was put there. */
  readonly wrong: readonly BytePath[];
  readonly changedAfter: RollbackResult['changedAfter'];
  readonly appeared: readonly BytePath[];
  /** What is as it should be, though rules leave it out by now. */
  readonly nowLeftOut: readonly BytePath[];
}

/** Splits what differs from the wanted state into what is wrong, and what someone else changed or made meanwhile. */
async function compareWithWanted(
  ctx: Context,
  { from: former, applied, known }: RollbackToSettle,
  { wanted, content, workdir }: { wanted: readonly TreeEntry[]; content: SetContent; workdir: Workdir },
): Promise<Differences> {
  const { beside, excluded, unfit } = content;
  const changes = compareEntries<TreeEntry>(wanted, content.entries);
  if (changes.length + beside.length === 0)
    return { wrong: [], changedAfter: { paths: [], programs: [] }, appeared: [], nowLeftOut: [] };
  const paths = rollbackPaths(applied.journal.context);
  const selected = (path: BytePath) =>
    paths.length === 0 || paths.some((base) => path === base || path.startsWith(`${base}/`));
  const was = new Set((known?.before ?? (await listEntries(ctx, former))).map(({ path }) => path));
  const put = applied.stillAsPut();
  // Of a directory that should be empty and is not, what is in it tells.
  const filled = ancestors([...beside.map((path) => ({ path })), ...excluded, ...unfit]);
  const wrong: BytePath[] = [];
  const after: BytePath[] = [];
  const appeared: BytePath[] = [];
  for (const path of beside) if (selected(path)) (was.has(path) ? after : appeared).push(path);
  const lost = changes.flatMap(({ status, from }) => (status === 'D' && from !== undefined ? from : []));
  const hidden = workdir.holds(leftOutOf(lost, excluded));
  for (const { status, path, from } of changes) {
    if (hidden.has(path)) continue;
    const isFilled = status === 'D' && fileType(from?.mode ?? 0) === DIRECTORY && filled.has(path);
    if (!selected(path) || isFilled) continue;
    if (put.get(path) === 'whole' || (status === 'P' && put.has(path))) wrong.push(path);
    else after.push(path);
  }
  const programs = after.length === 0 ? [] : applied.programsAt(after);
  return { wrong, changedAfter: { paths: after.sort(), programs }, appeared, nowLeftOut: [...hidden] };
}

/** The directory is as it was wanted, but who hears of something else alone does not know that there is something left to do. */
function unrecordedError(error: unknown): unknown {
  if (!(error instanceof SnapshotError)) return error;
  return new SnapshotError(error.kind, `the directory is put back, but this could not be recorded: ${error.message}`, {
    cause: error,
    hint: `${error.hint ?? 'Remove the cause.'} The rollback is unfinished until then: "git rollback --continue" records it, "git rollback --abort" takes it back.`,
  });
}

function notAsWanted(wrong: readonly BytePath[], rescued: readonly RescuedFile[]): SnapshotError {
  const some = wrong.slice(0, 3).map((path) => `'${displayBytes(path)}'`);
  return new SnapshotError(
    'conflict',
    `the directory was not what was wanted after the rollback: ${some.join(', ')}${wrong.length > 3 ? ' …' : ''}; everything was taken back`,
    {
      hint: `Nobody else has written there: check the disk, then run this again.${keptText(rescued)}`,
    },
  );
}
