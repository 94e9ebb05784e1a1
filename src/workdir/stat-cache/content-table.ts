import { type BytePath, DIRECTORY, fileType } from '../../core/entry.ts';
import type { ObjectFormat, Oid } from '../../core/oid.ts';
import { unescapePath } from '../../core/snapshot/manifest.ts';
import type { CachedEntry, FileStat, ScannedEntry } from '../../core/workdir.ts';
import { emptyDirectory } from '../empty-directory.ts';
import { hasIndexStat, indexEntryBytes, indexOid, indexStat } from './index-file.ts';
import { OddStats } from './odd-stats.ts';

/*
 * The entries of the cache are in three files, in one order: the manifest, git's index, which has neither SHA-256 nor
 * exact permissions nor empty directories, and the few stats that an index cannot hold. Hundreds of thousands of them
 * are read to change a few, so what is asked of few is made only when it is asked, and what stays is copied as the
 * bytes that it is.
 *
 * The files are private to this program and this machine, and a digest of each is checked before it is read, so these
 * parsers need not defend themselves against more than a bug.
 */

/** Where the parts of a manifest's line begin: `<mode> <sha256> <size> <path>`. */
const MODE_DIGITS = 6;
const SHA256_AT = MODE_DIGITS + 1;
const SIZE_AT = SHA256_AT + 64 + 1;

const SPACE = 0x20;
const LINE_FEED = 0x0a;
const BACKSLASH = 0x5c;
const ZERO = 0x30;

/** An entry as the cache has it. It is in the shapes that scans hand out and take back, so that none has to be made. */
export class CachedRecord implements CachedEntry, ScannedEntry {
  readonly path: BytePath;
  readonly mode: number;
  /** The record itself, if the cache vouches for it: a file that looks like this certainly has this content. */
  readonly known: CachedEntry | undefined;
  readonly table: ContentTable;
  /** Its place in the table. */
  readonly row: number;

  constructor(
    table: ContentTable,
    { path, mode, row, isVouchedFor }: { path: BytePath; mode: number; row: number; isVouchedFor: boolean },
  ) {
    this.path = path;
    this.mode = mode;
    this.known = isVouchedFor ? this : undefined;
    this.table = table;
    this.row = row;
  }

  get oid(): Oid {
    return this.table.oidOf(this);
  }

  get sha256(): string {
    return this.table.sha256Of(this);
  }

  get size(): number {
    return this.table.sizeOf(this);
  }

  /** Zeros, but for the size, where the cache does not vouch for it. */
  get stat(): FileStat {
    return this.table.statOf(this);
  }
}

/** The files that hold entries. */
export type ContentFile = 'manifest' | 'index' | 'stats';

/** The entries that were read from the cache. */
export class ContentTable {
  /** Sorted by path. */
  readonly records: readonly CachedRecord[];
  readonly odd: OddStats;
  readonly #manifest: Buffer;
  readonly #index: Buffer;
  readonly #format: ObjectFormat;
  readonly #emptyTree: Oid;
  /** Where each entry begins in the manifest and in the index, and after the last of them where it ends. */
  readonly #lineStarts: number[] = [0];
  readonly #indexStarts: number[] = [0];

  /** @param files - whole, as they were written; the index from its first entry on */
  constructor({ manifest, stats, index }: { manifest: Buffer; stats: Buffer; index: Buffer }, format: ObjectFormat) {
    this.odd = new OddStats(stats);
    this.#manifest = manifest;
    this.#index = index;
    this.#format = format;
    this.#emptyTree = emptyDirectory(format).oid;
    const records: CachedRecord[] = [];
    let start = 0;
    let indexStart = 0;
    for (let row = 0; start < manifest.length; row++) {
      const mode = readNumber(manifest, start, { base: 8 });
      let at = start + SIZE_AT;
      while (manifest[at] !== SPACE) at++;
      const pathStart = ++at;
      let isEscaped = false;
      for (; manifest[at] !== LINE_FEED && at < manifest.length; at++) if (manifest[at] === BACKSLASH) isEscaped = true;
      const text = manifest.toString('latin1', pathStart, at);
      const path = isEscaped ? unescapePath(text) : text;
      const isDirectory = fileType(mode) === DIRECTORY;
      const isVouchedFor = isDirectory || hasIndexStat(index, indexStart);
      records.push(new CachedRecord(this, { path, mode, row, isVouchedFor }));
      if (!isDirectory) indexStart += indexEntryBytes(path.length, format);
      start = at + 1;
      this.#lineStarts.push(start);
      this.#indexStarts.push(indexStart);
    }
    this.records = records;
  }

  oidOf({ row, mode }: CachedRecord): Oid {
    if (fileType(mode) === DIRECTORY) return this.#emptyTree;
    return indexOid(this.#index, this.#indexStarts[row] ?? 0, this.#format);
  }

  sha256Of({ row }: CachedRecord): string {
    const start = (this.#lineStarts[row] ?? 0) + SHA256_AT;
    return this.#manifest.toString('latin1', start, start + 64);
  }

  sizeOf({ row }: CachedRecord): number {
    return readNumber(this.#manifest, (this.#lineStarts[row] ?? 0) + SIZE_AT, { base: 10 });
  }

  statOf(record: CachedRecord): FileStat {
    const { row } = record;
    return this.odd.at(row) ?? indexStat(this.#index, this.#indexStarts[row] ?? 0, record);
  }

  /** The bytes of the entries `from` to before `to` in one of the files, as they were read. */
  bytes(file: Exclude<ContentFile, 'stats'>, from: number, to: number): Uint8Array {
    if (file === 'index') return this.#index.subarray(this.#indexStarts[from], this.#indexStarts[to]);
    return this.#manifest.subarray(this.#lineStarts[from], this.#lineStarts[to]);
  }
}

/** The number whose digits begin at `start`. */
function readNumber(bytes: Uint8Array, start: number, { base }: { base: number }): number {
  let number = 0;
  for (let at = start; bytes[at] !== SPACE && at < bytes.length; at++) number = number * base + (bytes[at] ?? 0) - ZERO;
  return number;
}
