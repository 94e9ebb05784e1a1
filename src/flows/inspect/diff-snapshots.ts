import type { BytePath } from '../../core/entry.ts';
import { compareEntries } from '../../core/snapshot/changes.ts';
import type { Context } from '../context.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { DiffResult } from '../results.ts';
import { withSizes } from '../snapshot/change-sizes.ts';
import { liveChanges } from '../snapshot/live-changes.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { resolveSnapshot, snapshotInfo } from '../snapshot/read-snapshots.ts';
import { snapshotEntries } from '../snapshot/snapshot-entries.ts';

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
  const governed = governedSet(policy, set);
  const a = await resolveSnapshot(ctx, from, governed.name);
  const b = to === undefined ? undefined : await resolveSnapshot(ctx, to, governed.name);
  const entriesOf = async ({ snapshot, ref }: StoredSnapshot) =>
    (await snapshotEntries(ctx, { tree: snapshot.tree, modes: snapshot.modes, what: `'${ref}'` })).entries;
  const changes =
    b === undefined
      ? await liveChanges(ctx, governedSet(policy, a.snapshot.set), a)
      : await withSizes(ctx, compareEntries(await entriesOf(a), await entriesOf(b)), new Map());
  const within = (path: BytePath) =>
    paths.length === 0 || paths.some((base) => path === base || path.startsWith(`${base}/`));
  return {
    from: snapshotInfo(ctx, a),
    to: b && snapshotInfo(ctx, b),
    changes: changes.filter(({ path }) => within(path)),
  };
}
