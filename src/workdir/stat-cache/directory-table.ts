import type { ByteString } from '../../core/byte-string.ts';
import { type BytePath, DIRECTORY, fileType } from '../../core/entry.ts';
import { isOid, type ObjectFormat, type Oid } from '../../core/oid.ts';
import type { FileStat } from '../../core/workdir.ts';
import { isChildOf, parentOf } from '../native-path.ts';
import { isRacyDirectory } from './racy.ts';

/** What tells whether a directory has gained or lost a name. */
export type DirectoryStamp = Pick<FileStat, 'ctimeSec' | 'ctimeNsec' | 'mtimeSec' | 'mtimeNsec' | 'ino'>;

/** A directory that was read: empty, with entries, or with nothing but excluded files. */
export interface CachedDirectory {
  /** Undefined if it changed too late to be vouched for, or holds what no snapshot can hold. */
  readonly stamp: DirectoryStamp | undefined;
  /** Undefined where the directory is not in the snapshot. */
  readonly tree: Oid | undefined;
}

/**
 * The directories to look at next time: those that the scan read, and those that the entries need. Those above come
 * before those below.
 *
 * @param input.unfit - what no snapshot can hold, which whoever takes one has to meet again
 * @param input.entries - sorted by path
 * @param input.emptyTree - the tree of a directory with nothing in it
 */
export function directoryTable(input: {
  stamps: ReadonlyMap<BytePath, DirectoryStamp>;
  unfit: readonly { readonly path: BytePath }[];
  entries: readonly { readonly path: BytePath; readonly mode: number }[];
  trees: ReadonlyMap<BytePath, Oid>;
  emptyTree: Oid;
  sinceMs: number;
}): Map<BytePath, CachedDirectory> {
  const { stamps, unfit, entries, trees, emptyTree, sinceMs } = input;
  const unvouched = new Set(unfit.map(({ path }) => parentOf(path)));
  const empty = new Set<BytePath>();
  const paths = new Set<BytePath>(['', ...stamps.keys()]);
  let last: BytePath = '';
  for (const { path, mode } of entries) {
    if (fileType(mode) === DIRECTORY) empty.add(path);
    if (isChildOf(path, last)) continue;
    last = parentOf(path);
    for (let above = last; !paths.has(above); above = parentOf(above)) paths.add(above);
  }
  for (const path of empty) paths.add(path);
  const table = new Map<BytePath, CachedDirectory>();
  for (const path of [...paths].sort()) {
    const stamp = stamps.get(path);
    const steady = stamp !== undefined && !unvouched.has(path) && !isRacyDirectory(stamp, sinceMs);
    const tree = trees.get(path) ?? (empty.has(path) ? emptyTree : undefined);
    table.set(path, { stamp: steady ? stamp : undefined, tree });
  }
  return table;
}

/** The trees of those directories that are in the snapshot. */
export function treesOf(directories: ReadonlyMap<BytePath, CachedDirectory>): Map<BytePath, Oid> {
  const trees = new Map<BytePath, Oid>();
  for (const [path, { tree }] of directories) if (tree !== undefined) trees.set(path, tree);
  return trees;
}

/** Tree, stamp and path of each directory. */
export function encodeDirectories(directories: ReadonlyMap<BytePath, CachedDirectory>): ByteString {
  const lines: string[] = [];
  for (const [path, { stamp, tree }] of directories) {
    const times =
      stamp === undefined
        ? [0, 0, 0, 0, 0]
        : [stamp.ctimeSec, stamp.ctimeNsec, stamp.mtimeSec, stamp.mtimeNsec, stamp.ino];
    lines.push(`${tree ?? '-'} ${times.join(' ')} ${path}\0`);
  }
  return lines.join('');
}

/** Reads {@link encodeDirectories}, or gives undefined if it is not what was written. */
export function decodeDirectories(text: ByteString, format: ObjectFormat): Map<BytePath, CachedDirectory> | undefined {
  const directories = new Map<BytePath, CachedDirectory>();
  for (const line of text.split('\0').slice(0, -1)) {
    const match = /^(\S+) (-?\d+) (\d+) (-?\d+) (\d+) (\d+) ([\s\S]*)$/.exec(line);
    const [, tree = '', ctimeSec, ctimeNsec, mtimeSec, mtimeNsec, ino, path = ''] = match ?? [];
    if (match === null || (tree !== '-' && !isOid(tree, format))) return undefined;
    const stamp = {
      ctimeSec: Number(ctimeSec),
      ctimeNsec: Number(ctimeNsec),
      mtimeSec: Number(mtimeSec),
      mtimeNsec: Number(mtimeNsec),
      ino: Number(ino),
    };
    directories.set(path, {
      stamp: stamp.ino === 0 ? undefined : stamp,
      tree: isOid(tree, format) ? tree : undefined,
    });
  }
  return directories;
}
