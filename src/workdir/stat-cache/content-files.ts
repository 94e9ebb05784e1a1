import { DIRECTORY, type Entry, fileType } from '../../core/entry.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import { formatManifest } from '../../core/snapshot/manifest.ts';
import type { CachedEntry } from '../../core/workdir.ts';
import { CachedRecord, type ContentTable } from './content-table.ts';
import { encodeIndexEntries, indexPieces } from './index-file.ts';
import { isOddStat, OddStatsWriter } from './odd-stats.ts';
import { isRacyFile } from './racy.ts';

/** Consecutive entries: rows of a table that stand as they are, or entries that are written anew. */
type Run<E> =
  | { readonly table: ContentTable; readonly from: number; to: number }
  | { readonly table: undefined; readonly entries: E[] };

/**
 * The pieces of a manifest, one after the other.
 *
 * @param entries - sorted by path
 */
export function manifestPieces(entries: readonly Omit<Entry, 'oid'>[]): Uint8Array[] {
  // What a line says is true of a record whether or not the file still looks like it.
  return splitRuns(entries, () => true).map((run) =>
    run.table === undefined
      ? Buffer.from(formatManifest(run.entries), 'latin1')
      : run.table.bytes('manifest', run.from, run.to),
  );
}

/**
 * The pieces of the index, and the bytes of the file of stats that are no part of it.
 *
 * @param entries - sorted by path
 * @param sinceMs - what changed from then on is not vouched for
 */
export function statFiles(
  entries: readonly CachedEntry[],
  { sinceMs, format }: { sinceMs: number; format: ObjectFormat },
): { index: Uint8Array[]; stats: Uint8Array } {
  const isVouchedFor = (entry: CachedEntry) => isUnmistakable(entry, sinceMs);
  const odd = new OddStatsWriter();
  const pieces: Uint8Array[] = [];
  let place = 0;
  for (const run of splitRuns(entries, (record) => record.known !== undefined && isVouchedFor(record))) {
    if (run.table === undefined) {
      pieces.push(encodeIndexEntries(run.entries.filter(isIndexed), { isVouchedFor, format }));
      for (const [i, entry] of run.entries.entries())
        if (isVouchedFor(entry) && isOddStat(entry)) odd.add(place + i, entry.stat);
      place += run.entries.length;
    } else {
      const { table, from, to } = run;
      pieces.push(table.bytes('index', from, to));
      for (const each of table.odd.between(from, to)) odd.add(place + each.place - from, each.stat);
      place += to - from;
    }
  }
  const count = entries.reduce((sum, entry) => (isIndexed(entry) ? sum + 1 : sum), 0);
  return { index: indexPieces(pieces, { count, format }), stats: odd.bytes() };
}

function splitRuns<E extends object>(entries: readonly E[], canStay: (record: CachedRecord) => boolean): Run<E>[] {
  const runs: Run<E>[] = [];
  for (const entry of entries) {
    const last = runs[runs.length - 1];
    if (!(entry instanceof CachedRecord && canStay(entry))) {
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
