import { DIRECTORY, fileType } from '../../core/entry.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import type { CachedEntry } from '../../core/workdir.ts';
import { CachedRecord, type ContentFile, type ContentTable, encodeContent, encodeStats } from './content-table.ts';
import { encodeIndexEntries, finishIndex } from './index-file.ts';
import { isRacyFile } from './racy.ts';

/** Consecutive entries: rows of a table that stand as they are, or entries that are written anew. */
type Run =
  | { readonly table: ContentTable; readonly from: number; to: number }
  | { readonly table: undefined; readonly entries: CachedEntry[] };

/**
 * Gives the bytes of each file of the cache that holds entries, one at a time: all at once would be the most memory
 * that a command needs.
 *
 * @param entries - sorted by path
 * @param sinceMs - what changed from then on is not vouched for
 */
export function contentEncoder(
  entries: readonly CachedEntry[],
  { sinceMs, format }: { sinceMs: number; format: ObjectFormat },
): (file: ContentFile) => Buffer {
  const isVouchedFor = (entry: CachedEntry) => isUnmistakable(entry, sinceMs);
  const runs = splitRuns(entries, isVouchedFor);
  const encode = (file: ContentFile, of: readonly CachedEntry[]): Uint8Array => {
    if (file === 'content') return encodeContent(of);
    if (file === 'stats') return encodeStats(of, isVouchedFor);
    return encodeIndexEntries(of.filter(isIndexed), { isVouchedFor, format });
  };
  return (file) => {
    const pieces = runs.map((run) =>
      run.table === undefined ? encode(file, run.entries) : run.table.bytes(file, run.from, run.to),
    );
    if (file !== 'index') return Buffer.concat(pieces);
    const count = entries.reduce((sum, entry) => (isIndexed(entry) ? sum + 1 : sum), 0);
    return finishIndex(pieces, { count, format });
  };
}

function splitRuns(entries: readonly CachedEntry[], canVouchFor: (entry: CachedEntry) => boolean): Run[] {
  const runs: Run[] = [];
  for (const entry of entries) {
    const last = runs.at(-1);
    if (!(entry instanceof CachedRecord && entry.known !== undefined && canVouchFor(entry))) {
      if (last !== undefined && last.table === undefined) last.entries.push(entry);
      else runs.push({ table: undefined, entries: [entry] });
    } else if (last?.table === entry.table && last.to === entry.row) last.to++;
    else runs.push({ table: entry.table, from: entry.row, to: entry.row + 1 });
  }
  return runs;
}

function isIndexed({ mode }: CachedEntry): boolean {
  return fileType(mode) !== DIRECTORY;
}

/** Whether no later change of the file could leave it with this very stat. An empty directory has no content to vouch for. */
function isUnmistakable({ mode, size, stat }: CachedEntry, sinceMs: number): boolean {
  if (fileType(mode) === DIRECTORY) return true;
  // A size that is not the content's: a file that grew as it was read, or a file system that makes sizes up.
  return size === stat.size && !isRacyFile(stat, sinceMs);
}
