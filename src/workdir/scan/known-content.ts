import { type BytePath, DIRECTORY, type Entry, fileType } from '../../core/entry.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import type { ScannedEntry } from '../../core/workdir.ts';
import { emptyDirectory } from '../empty-directory.ts';
import { sameStat } from '../file-stat.ts';
import type { CachedRecord } from '../stat-cache/content-table.ts';

/** Puts to entries that were found what the cache knows of them. */
export class KnownContent {
  readonly #records: readonly CachedRecord[];
  /** Made when something was found: where all is gone, nobody asks. */
  #byPath: ReadonlyMap<BytePath, CachedRecord> | undefined;
  readonly #empty: Pick<Entry, 'oid' | 'sha256' | 'size'>;

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
    this.#byPath ??= new Map(this.#records.map((record) => [record.path, record]));
    return this.#byPath.get(path);
  }
}
