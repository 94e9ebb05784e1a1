import { displayBytes } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';

type Entries = readonly { readonly path: BytePath }[];

/** Whether `path` is one of these or below one. */
export function isAtOrBelow(path: BytePath, bases: readonly BytePath[]): boolean {
  return bases.some((base) => base === '' || path === base || path.startsWith(`${base}/`));
}

/** Whether something is at `base` or below it. */
export function matchesAny(base: BytePath, entries: Entries): boolean {
  return entries.some(({ path }) => isAtOrBelow(path, [base]));
}

/**
 * @param set - path of the set's directory, for who gave paths from the top level
 * @throws {SnapshotError} `not-found`, naming the first path at and below which none of the lists has anything
 */
export function requireMatches(
  paths: readonly BytePath[],
  { set, lists }: { readonly set: BytePath; readonly lists: readonly Entries[] },
): void {
  const isThere = (base: BytePath) => lists.some((entries) => matchesAny(base, entries));
  const none = paths.find((base) => base !== '' && !isThere(base));
  if (none === undefined) return;
  const inSet = none.startsWith(`${set}/`) ? none.slice(set.length + 1) : undefined;
  throw new SnapshotError('not-found', `path '${displayBytes(none)}' matches nothing in the set or the snapshot`, {
    hint:
      inSet !== undefined && isThere(inSet)
        ? `Paths are relative to the directory of the set: '${displayBytes(inSet)}'.`
        : 'Paths are relative to the directory of the set: see "git snapshot manifest".',
  });
}
