import type { BytePath } from '../../core/entry.ts';
import { compareEntries } from '../../core/snapshot/changes.ts';
import type { Context, GovernedSet } from '../context.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { Change, DiffResult } from '../results.ts';
import { withSizes } from '../snapshot/change-sizes.ts';
import { resolveSnapshot } from '../snapshot/choose-snapshot.ts';
import { liveChanges } from '../snapshot/live-changes.ts';
import { isAtOrBelow, matchesAny, requireMatches } from '../snapshot/match-paths.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { snapshotInfo } from '../snapshot/read-snapshots.ts';
import { snapshotEntries } from '../snapshot/snapshot-entries.ts';
import { NOT_COMPARED, tellNowLeftOut, tellUnfit } from '../snapshot/tell-left-out.ts';

/** What to compare. */
export interface DiffOptions {
  readonly set: string | undefined;
  readonly from: string;
  /** Undefined: the live directory. */
  readonly to: string | undefined;
  /** Only these paths and what is below them. Empty: all. */
  readonly paths: readonly BytePath[];
}

/** Compares two snapshots, or a snapshot and the live directory. */
export async function diffSnapshots(ctx: Context, { set, from, to, paths }: DiffOptions): Promise<DiffResult> {
  const { policy } = await loadPolicy(ctx);
  const a = await resolveSnapshot(ctx, policy, { set, snapshot: from });
  const b = to === undefined ? undefined : await resolveSnapshot(ctx, policy, { set, snapshot: to });
  const entriesOf = async ({ snapshot, ref }: StoredSnapshot) =>
    (await snapshotEntries(ctx, { tree: snapshot.tree, modes: snapshot.modes, what: `'${ref}'` })).entries;
  const changes =
    b === undefined
      ? await changesInDirectory(ctx, governedSet(policy, a.snapshot.set), a)
      : await withSizes(ctx, compareEntries(await entriesOf(a), await entriesOf(b)), new Map());
  const chosen = paths.length === 0 ? changes : changes.filter(({ path }) => isAtOrBelow(path, paths));
  // What did not change is on both sides.
  const unseen = paths.filter((path) => !matchesAny(path, changes));
  if (unseen.length > 0) requireMatches(unseen, { set: a.snapshot.path, lists: [await entriesOf(a)] });
  return {
    from: snapshotInfo(ctx, a),
    to: b && snapshotInfo(ctx, b),
    changes: chosen,
  };
}

async function changesInDirectory(ctx: Context, set: GovernedSet, stored: StoredSnapshot): Promise<readonly Change[]> {
  const { changes, unfit, nowLeftOut } = await liveChanges(ctx, set, stored);
  tellUnfit(ctx, unfit, NOT_COMPARED);
  tellNowLeftOut(ctx, nowLeftOut);
  return changes;
}
