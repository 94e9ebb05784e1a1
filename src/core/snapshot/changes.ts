import type { BytePath } from '../entry.ts';
import { fileType } from '../entry.ts';
import type { Oid } from '../oid.ts';

/** What a path is on one side of a comparison. */
export interface Side {
  readonly mode: number;
  readonly oid: Oid;
  /** SHA-256 of the content, where it is known. */
  readonly sha256?: string | undefined;
}

/** How a path differs. A: added, D: deleted, M: content, T: type, P: permission bits alone. */
type ChangeStatus = 'A' | 'D' | 'M' | 'T' | 'P';

/** One path that differs. */
export interface PathChange<S extends Side> {
  readonly status: ChangeStatus;
  readonly path: BytePath;
  readonly from: S | undefined;
  readonly to: S | undefined;
}

/**
 * Compares two lists of entries by path.
 *
 * @param from - sorted by path, as `to`
 */
export function compareEntries<S extends Side & { readonly path: BytePath }>(
  from: readonly S[],
  to: readonly S[],
): PathChange<S>[] {
  const changes: PathChange<S>[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length || j < to.length) {
    const a = from[i];
    const b = to[j];
    // Most are, where one list was made from the other.
    if (a !== undefined && a === b) {
      i += 1;
      j += 1;
    } else if (b === undefined || (a !== undefined && a.path < b.path)) {
      if (a !== undefined) changes.push({ status: 'D', path: a.path, from: a, to: undefined });
      i += 1;
    } else if (a === undefined || b.path < a.path) {
      changes.push({ status: 'A', path: b.path, from: undefined, to: b });
      j += 1;
    } else {
      const status = compareSides(a, b);
      if (status !== undefined) changes.push({ status, path: a.path, from: a, to: b });
      i += 1;
      j += 1;
    }
  }
  return changes;
}

function compareSides(a: Side, b: Side): ChangeStatus | undefined {
  if (fileType(a.mode) !== fileType(b.mode)) return 'T';
  if (a.oid !== b.oid || differ(a.sha256, b.sha256)) return 'M';
  return a.mode === b.mode ? undefined : 'P';
}

/** Two contents can have one object name, if somebody went to the trouble, but not one SHA-256. */
function differ(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

/**
 * The trees of directories in which nothing changed, of all that there were before.
 *
 * @param changes - every path that differs since
 */
export function cleanTrees(
  trees: ReadonlyMap<BytePath, Oid>,
  changes: readonly { readonly path: BytePath }[],
): Map<BytePath, Oid> {
  const clean = new Map(trees);
  // An empty directory is an entry, and has a tree.
  for (const { path } of changes) clean.delete(path);
  const seen = new Set<BytePath>();
  for (const { path } of changes) {
    for (let slash = path.lastIndexOf('/'); slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
      const above = path.slice(0, slash);
      if (seen.has(above)) break;
      seen.add(above);
      clean.delete(above);
    }
  }
  if (changes.length > 0) clean.delete('');
  return clean;
}
