import type { Context } from '../context.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { StatusResult } from '../results.ts';
import { currentSnapshot, liveChanges } from '../snapshot/live-changes.ts';
import { listSnapshotRefs, snapshotInfo } from '../snapshot/read-snapshots.ts';

/** Compares the live directory with what it should be: the snapshot that was last taken from it or put into it. */
export async function readStatus(ctx: Context, choice: { readonly set: string | undefined }): Promise<StatusResult> {
  const { policy } = await loadPolicy(ctx);
  const set = governedSet(policy, choice.set);
  const workdir = await ctx.workdir(set);
  const refs = await listSnapshotRefs(ctx, set.name);
  const current = await currentSnapshot(ctx, workdir, refs);
  const unfinished = (await ctx.replacer(set)).unfinished();
  const changes = current === undefined ? [] : await liveChanges(ctx, set, current);
  return {
    set: set.name,
    path: set.path,
    snapshot: current && snapshotInfo(ctx, current),
    clean: current !== undefined && changes.length === 0,
    changes,
    rollback: unfinished && {
      set: set.name,
      from: unfinished.from,
      to: unfinished.to,
      startedAtSec: unfinished.startedAtSec,
    },
  };
}
