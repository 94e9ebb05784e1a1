import type { ByteString } from '../../core/byte-string.ts';
import { type BytePath, DIRECTORY, fileType } from '../../core/entry.ts';
import type { ObjectFormat, Oid } from '../../core/oid.ts';
import type { CachedEntry, FileStat, ScannedEntry } from '../../core/workdir.ts';
import { indexEntryBytes } from './index-file.ts';
import { hasStat, readStat, STAT_FIELDS, writeStat } from './stat-row.ts';

/*
 * The entries of the cache are in three files, in one order: a text of names and digests, a table of numbers, and git's
 * index. Hundreds of thousands of them are read to change a few, so what is asked of few is made only when it is asked,
 * and what stays is copied as the bytes that it is.
 *
 * The files are private to this program and this machine, and a digest of each is checked before it is read, so these
 * parsers need not defend themselves against more than a bug.
 */

const SHA256_DIGITS = 64;
/** The stat, then mode and size of the entry. The stat is zeros where it is not vouched for. */
const ROW_FIELDS = STAT_FIELDS + 2;
const ROW_BYTES = ROW_FIELDS * Float64Array.BYTES_PER_ELEMENT;

/** An entry as the cache has it. It is in the shapes that scans hand out and take back, so that none has to be made. */
export class CachedRecord implements CachedEntry, ScannedEntry {
  readonly path: BytePath;
  readonly mode: number;
  /** The record itself, if the cache vouches for it: a file that looks like this certainly has this content. */
  readonly known: CachedEntry | undefined;
  readonly table: ContentTable;
  /** Its place in the table. */
  readonly row: number;

  constructor(table: ContentTable, { path, mode, row }: { path: BytePath; mode: number; row: number }) {
    this.path = path;
    this.mode = mode;
    this.known = table.isVouchedFor(row) ? this : undefined;
    this.table = table;
    this.row = row;
  }

  get oid(): Oid {
    return this.table.oidAt(this.row);
  }

  get sha256(): string {
    return this.table.sha256At(this.row);
  }

  get size(): number {
    return this.table.sizeAt(this.row);
  }

  /** Zeros where the cache does not vouch for it. */
  get stat(): FileStat {
    return this.table.statAt(this.row);
  }
}

/** The files that hold entries. */
export type ContentFile = 'content' | 'stats' | 'index';

/** The entries that were read from the cache. */
export class ContentTable {
  /** Sorted by path. */
  readonly records: readonly CachedRecord[];
  readonly #text: ByteString;
  readonly #numbers: Float64Array;
  readonly #index: Buffer;
  readonly #oidDigits: number;
  /** Where each entry begins in the text and in the index, and after the last of them where it ends. */
  readonly #textStarts: Uint32Array;
  readonly #indexStarts: Uint32Array;

  /** @param files - whole, as they were written; the index from its first entry on */
  constructor(files: { content: Buffer; stats: Buffer; index: Buffer }, format: ObjectFormat) {
    this.#text = files.content.toString('latin1');
    this.#numbers = doublesOf(files.stats);
    this.#index = files.index;
    this.#oidDigits = format.hexLength;
    const count = Math.floor(this.#numbers.length / ROW_FIELDS);
    this.#textStarts = new Uint32Array(count + 1);
    this.#indexStarts = new Uint32Array(count + 1);
    const records: CachedRecord[] = [];
    let start = 0;
    let indexStart = 0;
    for (let row = 0; row < count; row++) {
      const pathStart = start + format.hexLength + SHA256_DIGITS;
      const end = this.#text.indexOf('\0', pathStart);
      const mode = this.#numbers[row * ROW_FIELDS + STAT_FIELDS] ?? 0;
      records.push(new CachedRecord(this, { path: this.#text.slice(pathStart, end), mode, row }));
      if (fileType(mode) !== DIRECTORY) indexStart += indexEntryBytes(end - pathStart, format);
      start = end + 1;
      this.#textStarts[row + 1] = start;
      this.#indexStarts[row + 1] = indexStart;
    }
    this.records = records;
  }

  oidAt(row: number): Oid {
    const start = this.#textStarts[row] ?? 0;
    return this.#text.slice(start, start + this.#oidDigits) as Oid;
  }

  sha256At(row: number): string {
    const start = (this.#textStarts[row] ?? 0) + this.#oidDigits;
    return this.#text.slice(start, start + SHA256_DIGITS);
  }

  sizeAt(row: number): number {
    return this.#numbers[row * ROW_FIELDS + STAT_FIELDS + 1] ?? 0;
  }

  statAt(row: number): FileStat {
    return readStat(this.#numbers, row * ROW_FIELDS);
  }

  isVouchedFor(row: number): boolean {
    return hasStat(this.#numbers, row * ROW_FIELDS);
  }

  /** The bytes of the entries `from` to before `to` in one of the files, as they were read. */
  bytes(file: ContentFile, from: number, to: number): Uint8Array {
    if (file === 'stats') return bytesOf(this.#numbers.subarray(from * ROW_FIELDS, to * ROW_FIELDS));
    if (file === 'index') return this.#index.subarray(this.#indexStarts[from], this.#indexStarts[to]);
    return Buffer.from(this.#text.slice(this.#textStarts[from], this.#textStarts[to]), 'latin1');
  }
}

/** Object name, SHA-256 and path of each entry, ended by NUL as a path can hold all else. */
export function encodeContent(entries: readonly CachedEntry[]): Buffer {
  const lines = entries.map(({ oid, sha256, path }) => `${oid}${sha256}${path}\0`);
  return Buffer.from(lines.join(''), 'latin1');
}

/** The numbers of entries. */
export function encodeStats(
  entries: readonly CachedEntry[],
  isVouchedFor: (entry: CachedEntry) => boolean,
): Uint8Array {
  const table = new Float64Array(entries.length * ROW_FIELDS);
  for (const [row, entry] of entries.entries()) {
    const at = row * ROW_FIELDS;
    if (isVouchedFor(entry)) writeStat(table, at, entry.stat);
    table[at + STAT_FIELDS] = entry.mode;
    table[at + STAT_FIELDS + 1] = entry.size;
  }
  return bytesOf(table);
}

function bytesOf(numbers: Float64Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

function doublesOf(bytes: Buffer): Float64Array {
  // What is read from a file begins where a double may begin, but nothing promises that.
  const aligned = bytes.byteOffset % Float64Array.BYTES_PER_ELEMENT === 0 ? bytes : Uint8Array.from(bytes);
  return new Float64Array(aligned.buffer, aligned.byteOffset, Math.floor(bytes.length / ROW_BYTES) * ROW_FIELDS);
}
