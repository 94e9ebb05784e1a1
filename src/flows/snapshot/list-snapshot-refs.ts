import type { GitStore, Ref } from '../../core/ports.ts';
import { isSnapshotRef, SNAPSHOT_REFS } from '../../core/refs.ts';

/** Refs of snapshots, of one set or of all, oldest first in each set. Names that are not of our grammar are left out. */
export async function listSnapshotRefs(
  ctx: { readonly store: Pick<GitStore, 'listRefs'> },
  set: string | undefined,
): Promise<Ref[]> {
  const refs = await ctx.store.listRefs(set === undefined ? SNAPSHOT_REFS : `${SNAPSHOT_REFS}${set}/`);
  return refs.filter(({ name }) => isSnapshotRef(name));
}
