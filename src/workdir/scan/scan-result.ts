import { type BytePath, comparePaths } from '../../core/entry.ts';
import type { Oid } from '../../core/oid.ts';
import type { Baseline, ExcludedPath, ScannedEntry } from '../../core/ports.ts';
import type { DirectoryStamp } from './cache-tables.ts';

/** What a scan found, fast or full. */
export interface ScanResult {
  /** The baseline, if the directory is exactly that. */
  readonly unchanged: Baseline | undefined;
  /** Sorted by path. */
  readonly entries: readonly ScannedEntry[];
  readonly cleanTrees: ReadonlyMap<BytePath, Oid>;
  readonly excluded: readonly ExcludedPath[];
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
