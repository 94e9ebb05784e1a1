import type { BytePath, Entry } from '../entry.ts';
import { FILE, fileType, permissions } from '../entry.ts';

/**
 * The permission bits of a set's files, which a git tree cannot hold: it knows only "may the owner execute it".
 *
 * Most files of a set have the same bits, as the umask of whoever made them says (644 and 755, or 664 and 775),
 * so the tag names these two once, and only the files that differ one by one.
 */
export interface FileModes {
  /** Bits of a file that its owner may not execute, unless it is in `others`. */
  readonly plain: number;
  /** Bits of a file that its owner may execute, unless it is in `others`. */
  readonly executable: number;
  /** Files with other bits, sorted by path. */
  readonly others: readonly { readonly path: BytePath; readonly permissions: number }[];
}

const OWNER_EXECUTE = 0o100;

/** Finds the modes to store: the commonest of each kind; among equals, and where there is none, 644 and 755. */
export function describeModes(entries: readonly Pick<Entry, 'path' | 'mode'>[]): FileModes {
  const plain = commonest(entries, 0o644);
  const executable = commonest(entries, 0o755);
  const others: { path: BytePath; permissions: number }[] = [];
  for (const { path, mode } of entries) {
    const bits = permissions(mode);
    const usual = isExecutable(bits) ? executable : plain;
    if (fileType(mode) === FILE && bits !== usual) others.push({ path, permissions: bits });
  }
  return { plain, executable, others };
}

/** Gives the mode of each regular file back, from the one that the tree has (100644 or 100755). */
export function modeResolver({ plain, executable, others }: FileModes): (path: BytePath, treeMode: number) => number {
  const byPath = new Map(others.map((other) => [other.path, other.permissions]));
  return (path, treeMode) => {
    if (fileType(treeMode) !== FILE) return treeMode;
    return FILE | (byPath.get(path) ?? (isExecutable(treeMode) ? executable : plain));
  };
}

/** Whether the owner may execute a file with these bits. */
export function isExecutable(mode: number): boolean {
  return (mode & OWNER_EXECUTE) !== 0;
}

function commonest(entries: readonly Pick<Entry, 'mode'>[], usual: number): number {
  const counts = new Map<number, number>([[usual, 0]]);
  for (const { mode } of entries) {
    if (fileType(mode) !== FILE || isExecutable(mode) !== isExecutable(usual)) continue;
    const bits = permissions(mode);
    counts.set(bits, (counts.get(bits) ?? 0) + 1);
  }
  const rank = (bits: number) => (bits === usual ? -1 : bits);
  return [...counts].sort(([a, m], [b, n]) => n - m || rank(a) - rank(b))[0]?.[0] ?? usual;
}
