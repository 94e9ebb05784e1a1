/** Bytes that are not what the OpenPGP format, or our strict reading of it, allows. Verifiers turn it into a verdict. */
export class FormatFault extends Error {
  override readonly name = 'FormatFault';
}

/** Reads big-endian fields of a buffer from front to back. Every read past the end is a {@link FormatFault}. */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #what: string;
  #at = 0;

  /** @param what - names the bytes in error messages */
  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** How many bytes were read. */
  get offset(): number {
    return this.#at;
  }

  /** Whether everything was read. */
  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The next `length` bytes, not copied. */
  take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new FormatFault(`${this.#what} is cut short`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint8(): number {
    return this.take(1).readUInt8();
  }

  uint16(): number {
    return this.take(2).readUInt16BE();
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  /** A length in the new form of packets and subpackets: one, two or five bytes (RFC 9580, 4.2.1 and 5.2.3.7). */
  length(): number {
    const first = this.uint8();
    if (first < 192) return first;
    if (first < 255) return ((first - 192) << 8) + this.uint8() + 192;
    return this.uint32();
  }

  /** A multiprecision integer: a count of bits, and the bytes, the first of which is not zero (RFC 9580, 3.2). */
  mpi(): Buffer {
    const bits = this.uint16();
    const bytes = this.take((bits + 7) >> 3);
    if (bitLength(bytes) !== bits || bits === 0) throw new FormatFault(`${this.#what} has a malformed number`);
    return bytes;
  }

  /** Everything that is left. */
  rest(): Buffer {
    return this.take(this.#bytes.length - this.#at);
  }

  /** Demands that nothing is left. */
  end(): void {
    if (!this.done) throw new FormatFault(`${this.#what} has bytes too many`);
  }
}

/** The number of bits of a number that is written without leading zero bytes. */
export function bitLength(bytes: Buffer): number {
  const [first] = bytes;
  return first === undefined ? 0 : bytes.length * 8 - Math.clz32(first) + 24;
}
