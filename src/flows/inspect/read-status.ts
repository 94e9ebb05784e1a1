import { SnapshotError } from '../../core/errors.ts';
import type { Context, GovernedSet } from '../context.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { Change, StatusResult } from '../results.ts';
import { currentSnapshot, liveChanges } from '../snapshot/live-changes.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { listSnapshotRefs, snapshotInfo } from '../snapshot/read-snapshots.ts';
import { currentIsRemoved, removedCurrent } from '../snapshot/removed-current.ts';
import { standingFault } from '../verify/standing.ts';

/** Compares the live directory with what it should be: the snapshot that was last taken from it or put into it. */
export async function readStatus(ctx: Context, choice: { readonly set: string | undefined }): Promise<StatusResult> {
  const trusted = await loadPolicy(ctx);
  const set = governedSet(trusted.policy, choice.set);
  const workdir = await ctx.workdir(set);
  const unfinished = (await ctx.replacer(set)).unfinished();
  const refs = await listSnapshotRefs(ctx, set.name);
  const removed = await removedCurrent(ctx, { set: set.name, workdir, refs });
  if (removed !== undefined) {
    const { message, hint } = currentIsRemoved(removed);
    ctx.note(`warning: ${message}. ${hint ?? ''}`);
  }
  const current = await currentSnapshot(ctx, workdir, { set: set.name, refs });
  const fault = current && (await standingFault(ctx, trusted, current.tag));
  if (fault !== undefined) ctx.note(`warning: '${current?.snapshot.id}' is not to be counted on: ${fault}`);
  const changes = current && (await changesUnless(ctx, { set, current, unfinished: unfinished !== undefined }));
  return {
    set: set.name,
    path: set.path,
    snapshot: current && snapshotInfo(ctx, current),
    // What cannot be compared is there.
    exists: (current !== undefined && changes === undefined) || workdir.exists(),
    clean: changes?.length === 0,
    changes: changes ?? [],
    rollback: unfinished && {
      set: set.name,
      from: unfinished.from,
      to: unfinished.to,
      startedAtSec: unfinished.startedAtSec,
      heldBy: unfinished.heldBy,
    },
  };
}

/** What differs; undefined where that cannot be told and a rollback is unfinished, which is the news then. */
async function changesUnless(
  ctx: Context,
  { set, current, unfinished }: { set: GovernedSet; current: StoredSnapshot; unfinished: boolean },
): Promise<Change[] | undefined> {
  try {
    return await liveChanges(ctx, set, current);
  } catch (error) {
    if (!unfinished || !(error instanceof SnapshotError)) throw error;
    for (const line of `warning: the directory cannot be compared: ${error.message}`.split('\n')) ctx.note(line);
    return undefined;
  }
}
