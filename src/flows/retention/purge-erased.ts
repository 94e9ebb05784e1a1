import { DIRECTORY, fileType } from '../../core/entry.ts';
import type { Oid } from '../../core/oid.ts';
import type { SnapshotName } from '../../core/retention/ledger.ts';
import type { Context } from '../context.ts';
import { listSnapshotRefs } from '../snapshot/list-snapshot-refs.ts';
import { readSnapshots } from '../snapshot/read-snapshots.ts';
import { snapshotEntries } from '../snapshot/snapshot-entries.ts';
import { copiesOf } from './copies.ts';
import { dependentTags } from './dependent-refs.ts';
import type { EraseResult } from './erase.ts';
import type { RetentionScene } from './scene.ts';
import { openRetention } from './scene.ts';
import { requireNoRollback } from './without-rollback.ts';

/** What is left of erased content, in this repository and elsewhere. */
export interface ErasureReport {
  /** Objects that the erased tags reached, and how many of them are gone from this repository. */
  readonly objects: number;
  readonly purged: number;
  /** What something else needs, and what that is: a snapshot, or something that is none (a branch, the index, a reflog). */
  readonly shared: readonly { readonly oid: Oid; readonly by: string }[];
  /** What nothing needs and could not be taken out. None: the content is gone from here. */
  readonly left: readonly Oid[];
  /** Remotes that may have it, each with its address. Other clones are beyond us. */
  readonly remotes: readonly { readonly name: string; readonly url: string }[];
}

/**
 * Takes the objects of erased snapshots, and of what stood on them, out of the object database, as far as nothing else needs them.
 */
export async function purgeErased(
  { ctx, log }: Pick<RetentionScene, 'ctx' | 'log'>,
  erased: readonly SnapshotName[],
): Promise<ErasureReport> {
  const storage = await ctx.storage();
  const tags = [...erased.map(({ tag }) => tag), ...dependentTags(log.events, erased).map(({ tag }) => tag)];
  const copies = await copiesOf(ctx, new Set(tags));
  if (copies.length > 0) await ctx.store.updateRefs(copies, 'snapshot: erase');
  const there = await ctx.store.describeObjects(tags);
  const objects = await storage.closure([...there.keys()]);
  const { purged, shared, left, objects: count } = await storage.purge(objects);
  return { objects: count, purged, shared: await attribute(ctx, shared), left, remotes: await ctx.remotes() };
}

/**
 * Takes out what is left here of everything that the log says was erased: after a fetch that brought the erasure, or after one
 * that was cut off.
 */
export async function purgeAllErased(ctx: Context, set: string | undefined): Promise<EraseResult> {
  const scene = await openRetention(ctx, set);
  await requireNoRollback(scene);
  const { name } = scene.set;
  const erased = scene.log.retention.fates(name).filter(({ place }) => place === 'erased');
  const snapshots = erased.map(({ snapshot }) => snapshot);
  const report = await purgeErased(scene, snapshots);
  return { outcome: 'erased', set: name, snapshots, refs: [], agreed: [], needed: 0, blocked: [], report };
}

/** What needs each of these objects: the oldest snapshot that has it, else something that is no snapshot. */
async function attribute(ctx: Context, objects: readonly Oid[]): Promise<ErasureReport['shared']> {
  const by = new Map<Oid, string>();
  if (objects.length > 0) {
    const wanted = new Set(objects);
    const known = new Map<Oid, readonly Oid[]>();
    const { snapshots } = await readSnapshots(ctx, await listSnapshotRefs(ctx, undefined));
    for (const { snapshot } of snapshots) {
      if (by.size === wanted.size) break;
      const { set, id, tree, modes } = snapshot;
      const found = known.get(tree) ?? (await namesIn(ctx, { tree, modes, what: `'${id}'` }));
      known.set(tree, found);
      for (const oid of found) if (wanted.has(oid) && !by.has(oid)) by.set(oid, `${set}/${id}`);
    }
  }
  return objects.map((oid) => ({ oid, by: by.get(oid) ?? 'a branch, a tag, the index or a reflog' }));
}

async function namesIn(ctx: Context, tree: Parameters<typeof snapshotEntries>[1]): Promise<readonly Oid[]> {
  const { entries, trees } = await snapshotEntries(ctx, tree);
  return [...trees, ...entries.filter(({ mode }) => fileType(mode) !== DIRECTORY).map(({ oid }) => oid)];
}
