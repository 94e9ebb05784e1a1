import type { BytePath } from '../../core/entry.ts';
import { comparePaths, DIRECTORY } from '../../core/entry.ts';
import { MalformedError } from '../../core/errors.ts';
import { parseTree } from '../../core/git/tree.ts';
import type { Oid } from '../../core/oid.ts';
import { MAX_ENTRIES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from '../../core/paths.ts';
import type { FileModes } from '../../core/snapshot/modes.ts';
import { modeResolver } from '../../core/snapshot/modes.ts';
import type { Context } from '../context.ts';

/** An entry of a stored tree: what a manifest line needs, but for the content's digest and size. */
export interface TreeEntry {
  readonly path: BytePath;
  readonly mode: number;
  readonly oid: Oid;
}

/** A snapshot's tree, as {@link snapshotEntries} is to list it. */
export interface TreeToList {
  readonly tree: Oid;
  readonly modes: FileModes;
  /** The snapshot, named in errors. */
  readonly what: string;
  /** Directories that are not to be read: the caller knows what is in them. `''` is the root. */
  readonly skip?: (path: BytePath, tree: Oid) => boolean;
}

/**
 * Lists what a snapshot's tree holds, sorted by path: files and links with their exact modes, and empty directories.
 *
 * Reads level by level, each in one pass. A tree that would unfold without end is refused before anything is
 * made of it.
 *
 * @throws {MalformedError} for a tree that must not be in a snapshot
 * @throws {MissingObjectError} for one that is not there
 */
export async function snapshotEntries(
  ctx: Pick<Context, 'store'>,
  { tree, modes, what, skip }: TreeToList,
): Promise<{ entries: TreeEntry[]; trees: ReadonlySet<Oid> }> {
  const entries: TreeEntry[] = [];
  const trees = new Set<Oid>();
  const modeOf = modeResolver(modes);
  let level: { path: BytePath; oid: Oid }[] = [{ path: '', oid: tree }].filter(({ path, oid }) => !skip?.(path, oid));
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_PATH_DEPTH)
      throw new MalformedError(what, `directories are nested more than ${MAX_PATH_DEPTH} deep`);
    const oids = [...new Set(level.map(({ oid }) => oid))];
    const objects = await ctx.store.readObjects(oids);
    const parsed = new Map(
      objects.map(({ oid, type, body }) => {
        if (type !== 'tree') throw new MalformedError(what, `${oid} is a ${type}, not a tree`);
        trees.add(oid);
        return [oid, parseTree(body, ctx.store.format, `${what}, tree ${oid}`)] as const;
      }),
    );
    const next: { path: BytePath; oid: Oid }[] = [];
    for (const { path, oid } of level) {
      const items = parsed.get(oid) ?? [];
      if (items.length === 0 && path !== '') entries.push({ path, mode: DIRECTORY, oid });
      for (const item of items) {
        const itemPath = path === '' ? item.name : `${path}/${item.name}`;
        if (itemPath.length > MAX_PATH_BYTES)
          throw new MalformedError(what, `a path is longer than ${MAX_PATH_BYTES} bytes`);
        if (item.mode === '40000') next.push({ path: itemPath, oid: item.oid });
        else entries.push({ path: itemPath, mode: modeOf(itemPath, Number.parseInt(item.mode, 8)), oid: item.oid });
      }
      if (entries.length + next.length > MAX_ENTRIES)
        throw new MalformedError(what, `holds more than ${MAX_ENTRIES} entries`);
    }
    level = skip === undefined ? next : next.filter(({ path, oid }) => !skip(path, oid));
  }
  return { entries: entries.sort(comparePaths), trees };
}
