import { type BytePath, comparePaths } from '../../core/entry.ts';
import type { Ref } from '../../core/ports.ts';
import { isIgnoreFile } from '../../core/snapshot/ignore-file.ts';
import type { Scan, ScannedEntry, Workdir } from '../../core/workdir.ts';
import type { Context } from '../context.ts';
import { currentSnapshot } from '../snapshot/live-changes.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { snapshotEntries, type TreeEntry } from '../snapshot/snapshot-entries.ts';
import { splitByDirectory } from '../snapshot/split-by-directory.ts';

type Scanned = Extract<Scan, { readonly outcome: 'scanned' }>;

/**
 * What a rollback leaves alone since the rules that it brings leave it out, though those that are there now do not. Without
 * that, going back to before a `.snapshotignore` and forward again would take away all that it was to protect, and a backup would
 * have read it first.
 *
 * What the snapshot holds that the directory is on is no such thing: it goes as every file goes that the other has not.
 */
export async function leftAlone(
  ctx: Context,
  { set, workdir, refs, target }: { set: string; workdir: Workdir; refs: readonly Ref[]; target: StoredSnapshot },
  scan: Scanned,
): Promise<ReadonlySet<BytePath>> {
  const current = await currentSnapshot({ ...ctx, note: () => {} }, workdir, { set, refs });
  const held = current === undefined ? [] : await pathsOf(ctx, current, scan);
  const suspects = notAmong(scan.entries, held);
  if (suspects.length === 0) return new Set();
  const wanted = await pathsOf(ctx, target, scan);
  const ignoreFiles = wanted.filter(isIgnoreFile);
  if (isSame(ignoreFiles, scan.entries.filter(isIgnoreFile))) return new Set();
  const objects = await ctx.store.readObjects(ignoreFiles.map(({ oid }) => oid));
  const texts = new Map(ignoreFiles.map(({ path }, i) => [path, objects[i]?.body ?? '']));
  return workdir.leftOutBy(texts, suspects);
}

/** What a snapshot holds, sorted by path. Of directories that the stat cache knows as they are there, the entries are the cache's. */
async function pathsOf(
  ctx: Context,
  { snapshot, ref }: StoredSnapshot,
  { cached }: Scanned,
): Promise<readonly TreeEntry[]> {
  const { tree, modes } = snapshot;
  const { entries, same } = await snapshotEntries(ctx, { tree, modes, what: `'${ref}'`, known: cached?.trees });
  if (cached === undefined || same.length === 0) return entries;
  const [known] = splitByDirectory<TreeEntry>(cached.entries, same);
  return entries.length === 0 ? known : [...entries, ...known].sort(comparePaths);
}

/** Those of the entries whose paths the others do not have. Both sorted by path. */
function notAmong(entries: readonly ScannedEntry[], others: readonly { readonly path: BytePath }[]): ScannedEntry[] {
  let next = 0;
  return entries.filter(({ path }) => {
    while (next < others.length && (others[next]?.path ?? '') < path) next++;
    return others[next]?.path !== path;
  });
}

/** Whether the rules are the same, as far as that is known without reading them. */
function isSame(
  wanted: readonly { readonly path: BytePath; readonly oid: string }[],
  live: readonly ScannedEntry[],
): boolean {
  return (
    wanted.length === live.length &&
    wanted.every(({ path, oid }, i) => live[i]?.path === path && live[i]?.known?.oid === oid)
  );
}
