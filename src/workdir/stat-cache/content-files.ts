import { DIRECTORY, fileType } from '../../core/entry.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import type { CachedEntry } from '../../core/workdir.ts';
import { CachedRecord, type ContentBytes, type ContentTable, encodeContent, encodeStats } from './content-table.ts';
import { encodeIndexEntries, finishIndex } from './index-file.ts';
import { isRacyFile } from './racy.ts';

/** Consecutive entries: rows of a table that stand as they are, or entries that are written anew. */
type Run =
  | { readonly table: ContentTable; readonly from: number; to: number }
  | { readonly table: undefined; readonly entries: CachedEntry[] };

/**
 * The files of the cache that hold entries.
 *
 * @param entries - sorted by path
 * @param sinceMs - what changed from then on is not vouched for
 */
export function encodeContentFiles(
  entries: readonly CachedEntry[],
  { sinceMs, format }: { sinceMs: number; format: ObjectFormat },
): ContentBytes {
  const canVouchFor = (entry: CachedEntry) => isUnmistakable(entry, sinceMs);
  const pieces = splitRuns(entries, canVouchFor).map((run): ContentBytes => {
    if (run.table !== undefined) return run.table.bytes(run.from, run.to);
    return {
      content: encodeContent(run.entries),
      stats: encodeStats(run.entries, canVouchFor),
      index: encodeIndexEntries(run.entries.filter(isIndexed), { isVouchedFor: canVouchFor, format }),
    };
  });
  return {
    content: Buffer.concat(pieces.map(({ content }) => content)),
    stats: Buffer.concat(pieces.map(({ stats }) => stats)),
    index: finishIndex(
      pieces.map(({ index }) => index),
      { count: entries.reduce((count, entry) => (isIndexed(entry) ? count + 1 : count), 0), format },
    ),
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
