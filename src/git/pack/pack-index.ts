import { createHash } from 'node:crypto';
import type { ObjectFormat, Oid } from '../../core/oid.ts';

const SIGNATURE = 0xff744f63;
const FANOUT_AT = 8;
const NAMES_AT = FANOUT_AT + 256 * 4;
const TOO_FAR = 0x80000000;

/** What an index says of one entry of its pack. */
export interface IndexedEntry {
  readonly oid: Oid;
  readonly crc32: number;
  /** From the start of the pack, in bytes. May be above 2^32. */
  readonly offset: number;
}

/** The bytes of a pack index of version 2 (gitformat-pack(5)). Names must be distinct. */
export function encodePackIndex(format: ObjectFormat, entries: readonly IndexedEntry[], packChecksum: Buffer): Buffer {
  const sorted = entries.toSorted((a, b) => (a.oid < b.oid ? -1 : 1));
  const count = sorted.length;
  const far = sorted.filter(({ offset }) => offset >= TOO_FAR).length;
  const crcsAt = NAMES_AT + count * format.rawLength;
  const offsetsAt = crcsAt + count * 4;
  const farAt = offsetsAt + count * 4;
  const end = farAt + far * 8;

  const index = Buffer.alloc(end + 2 * format.rawLength);
  index.writeUInt32BE(SIGNATURE, 0);
  index.writeUInt32BE(2, 4);
  const perByte = new Uint32Array(256);
  let farRow = 0;
  sorted.forEach(({ oid, crc32, offset }, row) => {
    const at = NAMES_AT + row * format.rawLength;
    index.write(oid, at, 'hex');
    const first = index[at] ?? 0;
    perByte[first] = (perByte[first] ?? 0) + 1;
    index.writeUInt32BE(crc32, crcsAt + row * 4);
    if (offset < TOO_FAR) index.writeUInt32BE(offset, offsetsAt + row * 4);
    else {
      index.writeUInt32BE(TOO_FAR + farRow, offsetsAt + row * 4);
      index.writeBigUInt64BE(BigInt(offset), farAt + farRow * 8);
      farRow++;
    }
  });
  let sum = 0;
  perByte.forEach((number, byte) => {
    sum += number;
    index.writeUInt32BE(sum, FANOUT_AT + byte * 4);
  });
  packChecksum.copy(index, end);
  createHash(format.name)
    .update(index.subarray(0, end + format.rawLength))
    .digest()
    .copy(index, end + format.rawLength);
  return index;
}

/** Looks objects up in an index of version 2. Reads no further than the bytes it is given: a broken index finds nothing or throws RangeError. */
export class PackIndex {
  readonly #bytes: Buffer;
  readonly #rawLength: number;
  readonly #count: number;
  #sortedOffsets: Float64Array | undefined;

  private constructor(bytes: Buffer, rawLength: number) {
    this.#bytes = bytes;
    this.#rawLength = rawLength;
    this.#count = bytes.readUInt32BE(NAMES_AT - 4);
  }

  /** Undefined for what is not an index of version 2 of this format. */
  static parse(format: ObjectFormat, bytes: Buffer): PackIndex | undefined {
    if (bytes.length < NAMES_AT + 2 * format.rawLength) return undefined;
    if (bytes.readUInt32BE(0) !== SIGNATURE || bytes.readUInt32BE(4) !== 2) return undefined;
    const index = new PackIndex(bytes, format.rawLength);
    const shortest = NAMES_AT + index.#count * (format.rawLength + 8) + 2 * format.rawLength;
    return bytes.length >= shortest ? index : undefined;
  }

  /** Offset of an object's entry in the pack, or undefined. */
  find(name: Buffer): number | undefined {
    const first = name[0] ?? 0;
    const beginning = name.readUInt32BE(0);
    let low = first === 0 ? 0 : this.#bytes.readUInt32BE(FANOUT_AT + (first - 1) * 4);
    let high = this.#bytes.readUInt32BE(FANOUT_AT + first * 4);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = NAMES_AT + middle * this.#rawLength;
      // Almost always the beginning decides, and is compared faster than the whole.
      const order =
        this.#bytes.readUInt32BE(at) - beginning ||
        this.#bytes.compare(name, 0, this.#rawLength, at, at + this.#rawLength);
      if (order === 0) return this.#offset(middle);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  /**
   * How long the entries at some offsets are.
   *
   * @param offsets - ascending
   * @param end - of the last entry of the pack
   */
  lengths(offsets: Float64Array, end: number): Float64Array {
    const all = this.#offsets();
    let row = 0;
    return offsets.map((offset) => {
      while ((all[row] ?? end) <= offset && row < all.length) row++;
      return (all[row] ?? end) - offset;
    });
  }

  #offset(row: number): number {
    const offsetsAt = NAMES_AT + this.#count * (this.#rawLength + 4);
    const offset = this.#bytes.readUInt32BE(offsetsAt + row * 4);
    if (offset < TOO_FAR) return offset;
    return Number(this.#bytes.readBigUInt64BE(offsetsAt + this.#count * 4 + (offset - TOO_FAR) * 8));
  }

  #offsets(): Float64Array {
    this.#sortedOffsets ??= Float64Array.from({ length: this.#count }, (_, row) => this.#offset(row)).sort();
    return this.#sortedOffsets;
  }
}
