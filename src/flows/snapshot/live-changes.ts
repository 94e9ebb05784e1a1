import type { BytePath } from '../../core/entry.ts';
import { comparePaths } from '../../core/entry.ts';
import type { Ref } from '../../core/ports.ts';
import { leftOutOf } from '../../core/rollback/left-out.ts';
import type { PathChange } from '../../core/snapshot/changes.ts';
import { compareEntries } from '../../core/snapshot/changes.ts';
import { modeResolver } from '../../core/snapshot/modes.ts';
import type { UnfitPath, Workdir } from '../../core/workdir.ts';
import type { Context, GovernedSet, Verifying } from '../context.ts';
import type { Change, ChangeSide } from '../results.ts';
import { withSizes } from './change-sizes.ts';
import { listSnapshotRefs } from './list-snapshot-refs.ts';
import { loggedCurrent } from './logged-current.ts';
import type { SetContent } from './read-set.ts';
import { readSet } from './read-set.ts';
import type { AcceptSnapshot, StoredSnapshot } from './read-snapshots.ts';
import { newestSnapshot, readSnapshots } from './read-snapshots.ts';
import type { TreeEntry } from './snapshot-entries.ts';
import { snapshotEntries } from './snapshot-entries.ts';
import { splitByDirectory } from './split-by-directory.ts';

/**
 * The snapshot that the directory should be: last taken from it, or put into it. Where that is not known, as in a new
 * clone, or its tag cannot be read, what the log tells was last taken or put back; else the newest that is well-formed,
 * accepted and no backup: backups hold what a rollback was to replace.
 */
export async function currentSnapshot(
  ctx: Verifying,
  workdir: Workdir,
  {
    set,
    refs,
    accept,
  }: { readonly set: string; readonly refs: readonly Ref[]; readonly accept?: AcceptSnapshot | undefined },
): Promise<StoredSnapshot | undefined> {
  const tag = await workdir.readExpected();
  const expected = refs.find(({ oid }) => oid === tag);
  if (expected !== undefined) {
    const { snapshots, malformed } = await readSnapshots(ctx, [expected]);
    if (snapshots[0] !== undefined) return snapshots[0];
    for (const { ref, reason } of malformed) ctx.note(`warning: '${ref}' is no snapshot: ${reason}`);
  }
  const others = refs.filter((ref) => ref !== expected);
  if (others.length === 0) return undefined;
  const loggedTag = await loggedCurrent(ctx, set);
  const logged = others.filter(({ oid }) => oid === loggedTag);
  const rest = others.filter(({ oid }) => oid !== loggedTag);
  return (
    (await newestAccepted(ctx, logged, { accept, backups: 'count' })) ??
    (await newestAccepted(ctx, rest, { accept, backups: 'leave-out' }))
  );
}

async function newestAccepted(
  ctx: Verifying,
  refs: readonly Ref[],
  choice: { readonly accept: AcceptSnapshot | undefined; readonly backups: 'count' | 'leave-out' },
): Promise<StoredSnapshot | undefined> {
  const { newest, passedOver } = await newestSnapshot(ctx, refs, choice);
  for (const { ref, reason } of passedOver) ctx.note(`warning: '${ref}' is passed over: ${reason}`);
  return newest;
}

/**
 * How the directory's content differs from a snapshot. Where the stat cache describes that very snapshot, reading the
 * directory has told; else the trees of the snapshot are read that the directory does not have in the same place.
 */
export async function changesSince(
  ctx: Verifying,
  stored: StoredSnapshot,
  content: Pick<SetContent, 'entries' | 'trees' | 'cached'>,
): Promise<Change[]> {
  const { cached } = content;
  if (cached?.baseline.tag === stored.tag) {
    return cached.changes.map(({ from, to, ...change }) => ({
      ...change,
      from: from && sideOf(from),
      to: to && sideOf(to),
    }));
  }
  return changesSinceTree(ctx, stored, content);
}

/** Of entries, which may know much more, what a change tells. */
export function sideOf({ path, mode, oid, size }: ChangeSide): ChangeSide {
  return { path, mode, oid, size };
}

async function changesSinceTree(
  ctx: Verifying,
  { snapshot, ref }: StoredSnapshot,
  content: Pick<SetContent, 'entries' | 'trees'>,
): Promise<Change[]> {
  const { tree, modes } = snapshot;
  const { entries, same } = await snapshotEntries(ctx, { tree, modes, what: `'${ref}'`, known: content.trees });
  const [inSame, elsewhere] = splitByDirectory(content.entries, same);
  // A tree does not tell all permission bits, so files in the same tree may still differ in them.
  const modeOf = modeResolver(modes);
  const modeChanges = inSame.flatMap((to): PathChange<TreeEntry>[] => {
    const mode = modeOf(to.path, to.mode);
    return mode === to.mode ? [] : [{ status: 'P', path: to.path, from: { path: to.path, mode, oid: to.oid }, to }];
  });
  const changes = [...compareEntries<TreeEntry>(entries, elsewhere), ...modeChanges].sort(comparePaths);
  // Most entries have not changed: only of those that have is the size asked.
  const changed = new Set(changes.map(({ to }) => to));
  const sizes = content.entries.filter((entry) => changed.has(entry)).map(({ oid, size }) => [oid, size] as const);
  return withSizes(ctx, changes, new Map(sizes));
}

/** How the live directory differs from a snapshot. */
export interface LiveChanges {
  readonly changes: readonly Change[];
  /** What is there and is compared with nothing, as no snapshot can hold it. */
  readonly unfit: readonly UnfitPath[];
  /**
   * What the snapshot holds and rules leave out that were not there when it was taken. It is among the changes, as deleted, unless
   * it is there as it was.
   */
  readonly nowLeftOut: readonly BytePath[];
}

/** Compares the live directory with a snapshot. Hashes what the stat cache does not know, and stores nothing. */
export async function liveChanges(ctx: Context, set: GovernedSet, stored: StoredSnapshot): Promise<LiveChanges> {
  const workdir = await ctx.workdir(set);
  const aliveTags = new Set((await listSnapshotRefs(ctx, set.name)).map(({ oid }) => oid));
  const read = (full: boolean) => readSet(ctx, workdir, { store: false, full, aliveTags, unfit: 'leave-alone' });
  let reading = await read(false);
  // Unchanged since another snapshot: the stat cache describes what was last read, which need not be what should be.
  if (reading.outcome === 'unchanged' && reading.baseline.tag !== stored.tag) reading = await read(true);
  if (reading.outcome === 'unchanged') return { changes: [], unfit: reading.unfit, nowLeftOut: [] };
  await reading.abandon();
  const { content } = reading;
  const changes = await changesSince(ctx, stored, content);
  const leftOut = deletedByRules(changes, content.excluded);
  const there = workdir.holds(leftOut.flatMap(({ from }) => from ?? []));
  return {
    changes: there.size === 0 ? changes : changes.filter(({ path }) => !there.has(path)),
    unfit: content.unfit,
    nowLeftOut: leftOut.map(({ path }) => path),
  };
}

/** Those of the changes that count as deleted since rules leave them out now. */
export function deletedByRules(changes: readonly Change[], excluded: SetContent['excluded']): Change[] {
  return leftOutOf(
    changes.filter(({ status }) => status === 'D'),
    excluded,
  );
}
