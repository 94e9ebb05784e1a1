import { type BytePath, DIRECTORY, fileType } from '../../core/entry.ts';
import type { Oid } from '../../core/oid.ts';
import type { CachedEntry } from '../../core/ports.ts';
import type { CachedDirectory, DirectoryStamp, SavedEntry } from './cache-tables.ts';
import { parentOf } from './native-path.ts';
import { isRacyDirectory, isRacyFile } from './racy.ts';
import { sortByPath } from './scan-result.ts';

/** What was written too late to be told from a later change is kept without its stat. An empty directory has no content to vouch for. */
export function withoutRacyStats(entries: readonly CachedEntry[], sinceMs: number): SavedEntry[] {
  const contents = entries.map((entry): SavedEntry => {
    if (fileType(entry.mode) === DIRECTORY) return entry;
    // A size that is not the content's: a file that grew as it was read, or a file system that makes sizes up.
    if (entry.size === entry.stat.size && !isRacyFile(entry.stat, sinceMs)) return entry;
    return { ...entry, stat: undefined };
  });
  return sortByPath(contents);
}

/**
 * The directories to look at next time: those that the scan read, and those that the entries need. Those above come
 * before those below.
 */
export function directoryTable(input: {
  stamps: ReadonlyMap<BytePath, DirectoryStamp>;
  entries: readonly { readonly path: BytePath; readonly mode: number; readonly oid: Oid }[];
  trees: ReadonlyMap<BytePath, Oid>;
  sinceMs: number;
}): Map<BytePath, CachedDirectory> {
  const { stamps, entries, trees, sinceMs } = input;
  const empty = new Map<BytePath, Oid>();
  const paths = new Set<BytePath>(['', ...stamps.keys()]);
  for (const { path, mode, oid } of entries) {
    if (fileType(mode) === DIRECTORY) empty.set(path, oid);
    for (let above = parentOf(path); !paths.has(above); above = parentOf(above)) paths.add(above);
  }
  for (const path of empty.keys()) paths.add(path);
  const table = new Map<BytePath, CachedDirectory>();
  for (const path of [...paths].sort()) {
    const stamp = stamps.get(path);
    const steady = stamp !== undefined && !isRacyDirectory(stamp, sinceMs);
    table.set(path, { stamp: steady ? stamp : undefined, tree: trees.get(path) ?? empty.get(path) });
  }
  return table;
}
