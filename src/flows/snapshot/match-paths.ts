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

/** @throws {SnapshotError} `not-found`, naming the first path at and below which none of the lists has anything */
export function requireMatches(paths: readonly BytePath[], lists: readonly Entries[]): void {
  const none = paths.find((base) => base !== '' && !lists.some((entries) => matchesAny(base, entries)));
  if (none === undefined) return;
  throw new SnapshotError('not-found', `path '${displayBytes(none)}' matches nothing in the set or the snapshot`, {
    hint: 'Paths are relative to the directory of the set: see "git snapshot manifest".',
  });
}
