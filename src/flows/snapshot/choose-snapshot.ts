import type { Context } from '../context.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { StoredSnapshot } from './read-snapshots.ts';
import { resolveSnapshot } from './read-snapshots.ts';

/** One snapshot by its selector. */
export interface SnapshotChoice {
  readonly set: string | undefined;
  readonly snapshot: string;
}

/** The snapshot that is meant, in the set that is named or the usual one. @throws {SnapshotError} `not-found`, `usage` */
export async function chooseSnapshot(ctx: Context, { set, snapshot }: SnapshotChoice): Promise<StoredSnapshot> {
  const { policy } = await loadPolicy(ctx);
  return resolveSnapshot(ctx, snapshot, governedSet(policy, set).name);
}
