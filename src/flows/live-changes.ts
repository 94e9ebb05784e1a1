import type { Ref, Workdir } from '../core/ports.ts';
import { compareEntries } from '../core/snapshot/changes.ts';
import { withSizes } from './change-sizes.ts';
import type { Context, GovernedSet } from './context.ts';
import type { SetContent } from './read-set.ts';
import { readSet } from './read-set.ts';
import type { StoredSnapshot } from './read-snapshots.ts';
import { listSnapshotRefs, readSnapshots } from './read-snapshots.ts';
import type { Change } from './results.ts';
import type { TreeEntry } from './snapshot-entries.ts';
import { snapshotEntries } from './snapshot-entries.ts';

/**
 * The ref of the snapshot that the directory should be: last taken from it, or put into it. Where that is not known,
 * as in a new clone, the newest.
 */
export async function currentRef(workdir: Workdir, refs: readonly Ref[]): Promise<Ref | undefined> {
  const expected = await workdir.readExpected();
  return refs.find(({ oid }) => oid === expected) ?? refs.at(-1);
}

/** The snapshot that the directory should be: see {@link currentRef}. */
export async function currentSnapshot(
  ctx: Context,
  workdir: Workdir,
  refs: readonly Ref[],
): Promise<StoredSnapshot | undefined> {
  const ref = await currentRef(workdir, refs);
  if (ref === undefined) return undefined;
  const { snapshots, malformed } = await readSnapshots(ctx, [ref]);
  for (const { ref: name, reason } of malformed) ctx.note(`warning: '${name}' is no snapshot: ${reason}`);
  return snapshots[0];
}

/** How the directory's content differs from a snapshot. */
export async function changesSince(
  ctx: Context,
  { snapshot, ref }: StoredSnapshot,
  content: Pick<SetContent, 'entries'>,
): Promise<Change[]> {
  const { entries } = await snapshotEntries(ctx, { tree: snapshot.tree, modes: snapshot.modes, what: `'${ref}'` });
  const changes = compareEntries<TreeEntry>(entries, content.entries);
  // Most entries have not changed: only of those that have is the size asked.
  const changed = new Set(changes.map(({ to }) => to));
  const sizes = content.entries.filter((entry) => changed.has(entry)).map(({ oid, size }) => [oid, size] as const);
  return withSizes(ctx, changes, new Map(sizes));
}

/** How the live directory differs from a snapshot. Hashes what the stat cache does not know, and stores nothing. */
export async function liveChanges(ctx: Context, set: GovernedSet, stored: StoredSnapshot): Promise<Change[]> {
  const workdir = await ctx.workdir(set);
  const aliveTags = new Set((await listSnapshotRefs(ctx, set.name)).map(({ oid }) => oid));
  const read = (full: boolean) => readSet(ctx, workdir, { store: false, full, aliveTags });
  let reading = await read(false);
  // Unchanged since another snapshot: the stat cache describes what was last read, which need not be what should be.
  if (reading.outcome === 'unchanged' && reading.baseline.tag !== stored.tag) reading = await read(true);
  if (reading.outcome === 'unchanged') return [];
  await reading.abandon();
  return changesSince(ctx, stored, reading.content);
}
