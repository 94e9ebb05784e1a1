import type { BytePath } from '../../core/entry.ts';
import { comparePaths, DIRECTORY } from '../../core/entry.ts';
import { MalformedError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { MAX_PATH_BYTES } from '../../core/paths.ts';
import type { FileModes } from '../../core/snapshot/modes.ts';
import { modeResolver } from '../../core/snapshot/modes.ts';
import type { ReadingTrees, TreeToRead } from './read-trees.ts';
import { readTrees } from './read-trees.ts';

/** An entry of a stored tree: what a manifest line needs, but for the content's digest and size. */
export interface TreeEntry {
  readonly path: BytePath;
  readonly mode: number;
  readonly oid: Oid;
}

/** What a snapshot's tree holds. */
interface Listing {
  /** Sorted by path: files and links with their exact modes, and empty directories. */
  readonly entries: TreeEntry[];
  /** The trees that were read. */
  readonly trees: ReadonlySet<Oid>;
  /** Directories that were passed over, since the caller knows them. */
  readonly same: readonly BytePath[];
}

/**
 * Lists what a snapshot's tree holds. A tree that would unfold without end is refused before anything is made of it.
 *
 * @throws {MalformedError} for a tree that must not be in a snapshot
 * @throws {MissingObjectError} for one that is not there
 */
export async function snapshotEntries(
  ctx: ReadingTrees,
  { tree, modes, what, known }: TreeToRead & { readonly modes: FileModes },
): Promise<Listing> {
  const trees = await readTrees(ctx, { tree, what, known });
  const entries: TreeEntry[] = [];
  const same: BytePath[] = [];
  const modeOf = modeResolver(modes);
  // Not by recursion: it grows as it is gone through.
  const directories: { path: BytePath; oid: Oid }[] = [{ path: '', oid: tree }];
  for (const { path, oid } of directories) {
    if (known?.get(path) === oid) {
      same.push(path);
      continue;
    }
    const items = trees.get(oid) ?? [];
    if (items.length === 0 && path !== '') entries.push({ path, mode: DIRECTORY, oid });
    for (const item of items) {
      const itemPath = path === '' ? item.name : `${path}/${item.name}`;
      if (itemPath.length > MAX_PATH_BYTES)
        throw new MalformedError(what, `a path is longer than ${MAX_PATH_BYTES} bytes`);
      if (item.mode === '40000') directories.push({ path: itemPath, oid: item.oid });
      else entries.push({ path: itemPath, mode: modeOf(itemPath, Number.parseInt(item.mode, 8)), oid: item.oid });
    }
  }
  return { entries: entries.sort(comparePaths), trees: new Set(trees.keys()), same };
}
