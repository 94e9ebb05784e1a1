import type { BytePath } from '../../core/entry.ts';
import { MalformedError } from '../../core/errors.ts';
import type { TreeItem } from '../../core/git/tree.ts';
import { parseTree } from '../../core/git/tree.ts';
import type { Oid } from '../../core/oid.ts';
import { MAX_ENTRIES, MAX_PATH_DEPTH } from '../../core/paths.ts';
import type { ObjectReader } from '../../core/ports.ts';

/** A snapshot's tree, as {@link readTrees} is to read it. */
export interface TreeToRead {
  readonly tree: Oid;
  /** The snapshot, named in errors. */
  readonly what: string;
  /** Trees that the caller knows, by path; `''` is the root. What is the same in the same place is not read. */
  readonly known?: ReadonlyMap<BytePath, Oid> | undefined;
}

/** What reading trees takes. */
export interface ReadingTrees {
  readonly store: Pick<ObjectReader, 'format' | 'readObjects'>;
}

/** Directories of one depth. */
interface Level {
  /** Those in whose place, or below it, something may be known. */
  readonly named: { readonly path: BytePath; readonly oid: Oid }[];
  /** How often each tree occurs elsewhere: its paths do not matter. */
  readonly elsewhere: Map<Oid, number>;
}

/**
 * Reads and parses every tree object below a snapshot's tree once, however often it occurs.
 *
 * Few small objects can unfold to more files than any disk holds. So entries are only counted, a tree's as often as it
 * occurs, and nothing is listed of a tree that would have too many, or too deep.
 *
 * @throws {MalformedError} for a tree that must not be in a snapshot
 * @throws {MissingObjectError} for one that is not there
 */
export async function readTrees(
  ctx: ReadingTrees,
  { tree, what, known }: TreeToRead,
): Promise<ReadonlyMap<Oid, readonly TreeItem[]>> {
  const trees = new Map<Oid, readonly TreeItem[]>();
  let entries = 0;
  let level = emptyLevel();
  if (known?.get('') !== tree) level.named.push({ path: '', oid: tree });
  for (let depth = 0; level.named.length + level.elsewhere.size > 0; depth++) {
    if (depth > MAX_PATH_DEPTH)
      throw new MalformedError(what, `directories are nested more than ${MAX_PATH_DEPTH} deep`);
    const oids = new Set([...level.named.map(({ oid }) => oid), ...level.elsewhere.keys()]);
    const objects = await ctx.store.readObjects([...oids].filter((oid) => !trees.has(oid)));
    for (const { oid, type, body } of objects) {
      if (type !== 'tree') throw new MalformedError(what, `${oid} is a ${type}, not a tree`);
      trees.set(oid, parseTree(body, ctx.store.format, `${what}, tree ${oid}`));
    }
    const next = emptyLevel();
    let directories = 0;
    const count = (oid: Oid, times: number, path?: BytePath) => {
      const items = trees.get(oid) ?? [];
      if (items.length === 0) entries += times;
      for (const item of items) {
        if (item.mode !== '40000') entries += times;
        else if (addDirectory(next, item, { times, known, parent: path })) directories += times;
      }
    };
    for (const { path, oid } of level.named) count(oid, 1, path);
    for (const [oid, times] of level.elsewhere) count(oid, times);
    // Each directory comes to one entry at least.
    if (entries + directories > MAX_ENTRIES) throw new MalformedError(what, `holds more than ${MAX_ENTRIES} entries`);
    level = next;
  }
  return trees;
}

function emptyLevel(): Level {
  return { named: [], elsewhere: new Map() };
}

/** @returns whether it has to be read */
function addDirectory(
  { named, elsewhere }: Level,
  { name, oid }: TreeItem,
  {
    times,
    known,
    parent,
  }: { times: number; known: ReadonlyMap<BytePath, Oid> | undefined; parent: BytePath | undefined },
): boolean {
  const path = parent === undefined ? undefined : parent === '' ? name : `${parent}/${name}`;
  const there = path === undefined ? undefined : known?.get(path);
  if (path === undefined || there === undefined) elsewhere.set(oid, (elsewhere.get(oid) ?? 0) + times);
  else if (there !== oid) named.push({ path, oid });
  return there !== oid;
}
