import { type BytePath, comparePaths } from '../../core/entry.ts';
import type { Baseline, CachedState, ExcludedPath, ScannedEntry, UnfitPath } from '../../core/workdir.ts';
import type { CachedRecord } from '../stat-cache/content-table.ts';
import type { DirectoryStamp } from '../stat-cache/directory-table.ts';

/** What a scan found, fast or full. */
export interface ScanResult {
  /** The baseline, if the directory is exactly that. */
  readonly unchanged: Baseline | undefined;
  /** Sorted by path. */
  readonly entries: readonly ScannedEntry[];
  /** All that the cache had. */
  readonly cached: (CachedState & { readonly entries: readonly CachedRecord[] }) | undefined;
  readonly excluded: readonly ExcludedPath[];
  /** What no snapshot can hold, if that is not refused. */
  readonly unfit: readonly UnfitPath[];
  /** Every directory that is not excluded, as it was before it was read. */
  readonly directories: ReadonlyMap<BytePath, DirectoryStamp>;
}

/** Sorts in place, if it has to. */
export function sortByPath<T extends { readonly path: BytePath }>(entries: T[]): T[] {
  for (let i = 1; i < entries.length; i++) {
    const [before, after] = [entries[i - 1], entries[i]];
    if (before !== undefined && after !== undefined && comparePaths(before, after) > 0)
      return entries.sort(comparePaths);
  }
  return entries;
}

/** Merges two sorted lists. No path is in both. */
export function mergeByPath<T extends { readonly path: BytePath }>(a: readonly T[], b: readonly T[]): readonly T[] {
  if (b.length === 0) return a;
  // As long as it will be: a list that grows is copied a dozen times.
  const merged = new Array<T>(a.length + b.length);
  let length = 0;
  let next = 0;
  for (const entry of a) {
    for (let other = b[next]; other !== undefined && other.path < entry.path; other = b[++next])
      merged[length++] = other;
    merged[length++] = entry;
  }
  for (let other = b[next]; other !== undefined; other = b[++next]) merged[length++] = other;
  return merged;
}

/** The place of the first entry in a sorted list that has this path, or would come after it. */
export function placeOf(entries: readonly { readonly path: BytePath }[], path: BytePath): number {
  let from = 0;
  let to = entries.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const entry = entries[middle];
    if (entry !== undefined && entry.path < path) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Finds the entry of a path in a sorted list. */
export function findByPath<T extends { readonly path: BytePath }>(
  entries: readonly T[],
  path: BytePath,
): T | undefined {
  const entry = entries[placeOf(entries, path)];
  return entry?.path === path ? entry : undefined;
}
