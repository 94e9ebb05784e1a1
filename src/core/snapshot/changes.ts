import type { BytePath } from '../entry.ts';
import { fileType } from '../entry.ts';
import type { Oid } from '../oid.ts';

/** What a path is on one side of a comparison. */
export interface Side {
  readonly mode: number;
  readonly oid: Oid;
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
    if (b === undefined || (a !== undefined && a.path < b.path)) {
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
  if (a.oid !== b.oid) return 'M';
  return a.mode === b.mode ? undefined : 'P';
}
