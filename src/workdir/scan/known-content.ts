import { createHash } from 'node:crypto';
import { type BytePath, DIRECTORY, fileType } from '../../core/entry.ts';
import type { ObjectFormat, Oid } from '../../core/oid.ts';
import type { FileStat, ScannedEntry } from '../../core/ports.ts';
import type { CachedContent } from './cache-tables.ts';
import { sameStat } from './file-stat.ts';
import type { FoundEntry } from './walk.ts';

type Known = ScannedEntry['known'];

/** What is known of an empty directory without looking: it has no content. */
export function emptyDirectory(format: ObjectFormat): NonNullable<Known> {
  const oid = createHash(format.name).update('tree 0\0').digest('hex') as Oid;
  return { oid, sha256: createHash('sha256').digest('hex'), size: 0 };
}

/** Puts to entries that were found what the cache knows of them. */
export class KnownContent {
  readonly #byPath: ReadonlyMap<BytePath, CachedContent>;
  readonly #empty: NonNullable<Known>;

  constructor(records: Iterable<CachedContent>, format: ObjectFormat) {
    const byPath = new Map<BytePath, CachedContent>();
    for (const record of records) byPath.set(record.path, record);
    this.#byPath = byPath;
    this.#empty = emptyDirectory(format);
  }

  /** The entry, with its content where it is certainly what it was. */
  recognize(found: FoundEntry): ScannedEntry {
    if (fileType(found.mode) === DIRECTORY) return { ...found, known: this.#empty };
    const record = this.#byPath.get(found.path);
    if (record?.stat === undefined || !sameStat(record.stat, found.stat)) return { ...found, known: undefined };
    return { ...found, known: record.known };
  }

  /** The stat that a file or link had when it was read. */
  statOf(path: BytePath): FileStat | undefined {
    const record = this.#byPath.get(path);
    return record === undefined || fileType(record.mode) === DIRECTORY ? undefined : record.stat;
  }

  /** Whether the entry is in the baseline, exactly. */
  isInBaseline({ path, mode, known }: ScannedEntry): boolean {
    return known !== undefined && this.#byPath.get(path)?.mode === mode;
  }
}

/** Whether the cache ever vouched for the entry. Then it is one that a scan can hand out as it is. */
export function isVouchedFor(record: CachedContent): record is CachedContent & ScannedEntry {
  return record.stat !== undefined;
}
