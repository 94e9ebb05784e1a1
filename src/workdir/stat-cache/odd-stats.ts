import { DIRECTORY, fileType } from '../../core/entry.ts';
import type { CachedEntry, FileStat } from '../../core/workdir.ts';
import { statMode } from './index-file.ts';

/** The place of the entry, then its stat. */
const FIELDS = 12;

/**
 * The stats of entries that an index file cannot hold: empty directories, files with several names, numbers of more than
 * 32 bits. On most file systems few have one.
 */
export class OddStats {
  /** Sorted by place. */
  readonly #table: Float64Array;

  /** @param bytes - what {@link OddStatsWriter} made */
  constructor(bytes: Buffer) {
    // What is read from a file begins where a double may begin, but nothing promises that.
    const aligned = bytes.byteOffset % Float64Array.BYTES_PER_ELEMENT === 0 ? bytes : Uint8Array.from(bytes);
    const rows = Math.floor(bytes.length / (FIELDS * Float64Array.BYTES_PER_ELEMENT));
    this.#table = new Float64Array(aligned.buffer, aligned.byteOffset, rows * FIELDS);
  }

  /** The stat of the entry at `place`, if it is an odd one. */
  at(place: number): FileStat | undefined {
    const row = this.#firstFrom(place);
    return this.#table[row] === place ? readRow(this.#table, row) : undefined;
  }

  /** The odd ones among the entries `from` to before `to`. */
  *between(from: number, to: number): Iterable<{ place: number; stat: FileStat }> {
    for (let row = this.#firstFrom(from); row < this.#table.length; row += FIELDS) {
      const place = this.#table[row] ?? to;
      if (place >= to) return;
      yield { place, stat: readRow(this.#table, row) };
    }
  }

  /** Where the row of the first entry begins that stands at `place` or behind it. */
  #firstFrom(place: number): number {
    let from = 0;
    let to = this.#table.length / FIELDS;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#table[middle * FIELDS] ?? 0) < place) from = middle + 1;
      else to = middle;
    }
    return from * FIELDS;
  }
}

/** Gathers odd stats, in the order of their entries. */
export class OddStatsWriter {
  readonly #numbers: number[] = [];

  add(place: number, stat: FileStat): void {
    const { ctimeSec, ctimeNsec, mtimeSec, mtimeNsec, dev, ino, uid, gid, size, mode, nlink } = stat;
    this.#numbers.push(place, ctimeSec, ctimeNsec, mtimeSec, mtimeNsec, dev, ino, uid, gid, size, mode, nlink);
  }

  bytes(): Uint8Array {
    return new Uint8Array(Float64Array.from(this.#numbers).buffer);
  }
}

/** Whether the stat of an entry is more than an index file can hold and the entry itself tells. */
export function isOddStat({ mode, size, stat }: Pick<CachedEntry, 'mode' | 'size' | 'stat'>): boolean {
  return (
    fileType(mode) === DIRECTORY ||
    stat.nlink !== 1 ||
    stat.mode !== statMode(mode) ||
    stat.size !== size ||
    !fits(stat.ino) ||
    !fits(stat.dev) ||
    !fits(stat.ctimeSec) ||
    !fits(stat.mtimeSec) ||
    !fits(stat.uid) ||
    !fits(stat.gid)
  );
}

function fits(number: number): boolean {
  return number === number >>> 0;
}

function readRow(table: Float64Array, row: number): FileStat {
  const field = (n: number) => table[row + n] ?? 0;
  return {
    ctimeSec: field(1),
    ctimeNsec: field(2),
    mtimeSec: field(3),
    mtimeNsec: field(4),
    dev: field(5),
    ino: field(6),
    uid: field(7),
    gid: field(8),
    size: field(9),
    mode: field(10),
    nlink: field(11),
  };
}
