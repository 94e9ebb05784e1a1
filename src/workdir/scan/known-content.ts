import { type BytePath, DIRECTORY, type Entry, fileType } from '../../core/entry.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import type { ScannedEntry } from '../../core/workdir.ts';
import { emptyDirectory } from '../empty-directory.ts';
import { sameStat } from '../file-stat.ts';
import type { CachedRecord } from '../stat-cache/content-table.ts';
import { placeOf } from './scan-result.ts';

/** Puts to entries that were found what the cache knows of them. */
export class KnownContent {
  readonly #records: readonly CachedRecord[];
  /** Where the last search ended: what is asked for next is most often the same, or what comes after it. */
  #place = 0;
  readonly #empty: Pick<Entry, 'oid' | 'sha256' | 'size'>;

  /** @param records - sorted by path */
  constructor(records: readonly CachedRecord[], format: ObjectFormat) {
    this.#records = records;
    this.#empty = emptyDirectory(format);
  }

  /** The entry, with its content where it is certainly what it was. */
  recognize(found: ScannedEntry): ScannedEntry {
    if (fileType(found.mode) === DIRECTORY) {
      const { path, mode, stat } = found;
      return { path, mode, stat, known: { path, mode, stat, ...this.#empty } };
    }
    const record = this.#find(found.path);
    if (record === undefined || record === found) return found;
    return record.known !== undefined && sameStat(record.stat, found.stat) ? record : found;
  }

  /** What the cache vouches for at a path, if that is a file or link. */
  vouchedFile(path: BytePath): CachedRecord | undefined {
    const record = this.#find(path);
    return record !== undefined && fileType(record.mode) !== DIRECTORY && record.known !== undefined
      ? record
      : undefined;
  }

  /** Whether the entry is in the baseline, exactly. */
  isInBaseline({ path, mode, known }: ScannedEntry): boolean {
    return known !== undefined && this.#find(path)?.mode === mode;
  }

  #find(path: BytePath): CachedRecord | undefined {
    if (this.#records[this.#place]?.path !== path && this.#records[++this.#place]?.path !== path)
      this.#place = placeOf(this.#records, path);
    const record = this.#records[this.#place];
    return record?.path === path ? record : undefined;
  }
}
