import type { Ref, Workdir } from '../core/ports.ts';
import { compareEntries } from '../core/snapshot/changes.ts';
import { withSizes } from './change-sizes.ts';
import type { Context, GovernedSet } from './context.ts';
import type { SetContent } from './read-set.ts';
import { readSet } from './read-set.ts';
import type { StoredSnapshot } from './read-snapshots.ts';
import { listSnapshotRefs, readSnapshots } from './read-snapshots.ts';
import type { Change } from './results.ts';
import { snapshotEntries } from './snapshot-entries.ts';

/**
 * The snapshot that the directory was last known to be: taken from it, or put into it. Where that is not known,
 * as in a new clone, the newest.
 */
export async function currentSnapshot(
  ctx: Context,
  workdir: Workdir,
  refs: readonly Ref[],
): Promise<StoredSnapshot | undefined> {
  const baseline = await workdir.readBaseline();
  const ref = refs.find(({ oid }) => oid === baseline?.tag) ?? refs.at(-1);
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
  return withSizes(
    ctx,
    compareEntries(entries, content.entries),
    new Map(content.entries.map(({ oid, size }) => [oid, size])),
  );
}

/** How the live directory differs from a snapshot. Hashes what the stat cache does not know, and stores nothing. */
export async function liveChanges(ctx: Context, set: GovernedSet, stored: StoredSnapshot): Promise<Change[]> {
  const workdir = await ctx.workdir(set);
  const aliveTags = new Set((await listSnapshotRefs(ctx, set.name)).map(({ oid }) => oid));
  const baseline = await workdir.readBaseline();
  const reading = await readSet(ctx, workdir, { store: false, full: baseline?.tag !== stored.tag, aliveTags });
  if (reading.outcome === 'unchanged') return [];
  await reading.abandon();
  return changesSince(ctx, stored, reading.content);
}
