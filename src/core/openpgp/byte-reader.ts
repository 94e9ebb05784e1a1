/** Bytes that are not what a format, or our strict reading of it, allows. Verifiers turn it into a verdict. */
export class FormatFault extends Error {
  override readonly name = 'FormatFault';
}

/** Reads big-endian fields from front to back. Every read past the end is a {@link FormatFault}. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  /** @param what - names the bytes in error messages */
  constructor(bytes: Uint8Array, what: string) {
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
  take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw new FormatFault(`${this.#what} is cut short`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint8(): number {
    return this.#number(1);
  }

  uint16(): number {
    return this.#number(2);
  }

  uint32(): number {
    return this.#number(4);
  }

  /** A length in the new form of packets and subpackets: one, two or five bytes (RFC 9580, 4.2.1 and 5.2.3.7). */
  length(): number {
    const first = this.uint8();
    if (first < 192) return first;
    if (first < 255) return ((first - 192) << 8) + this.uint8() + 192;
    return this.uint32();
  }

  /** A multiprecision integer: a count of bits, and the bytes, the first of which is not zero (RFC 9580, 3.2). */
  mpi(): Uint8Array {
    const bits = this.uint16();
    const bytes = this.take((bits + 7) >> 3);
    if (bitLength(bytes) !== bits || bits === 0) throw new FormatFault(`${this.#what} has a malformed number`);
    return bytes;
  }

  /** Everything that is left. */
  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at);
  }

  /** Demands that nothing is left. */
  end(): void {
    if (!this.done) throw new FormatFault(`${this.#what} has bytes too many`);
  }

  // Not by `take`: a view of the bytes costs more than reading them, and there are ten thousands of these in a log.
  #number(length: number): number {
    if (length > this.#bytes.length - this.#at) throw new FormatFault(`${this.#what} is cut short`);
    this.#at += length;
    return bigEndian(this.#bytes, this.#at - length, this.#at);
  }
}

/** The number of bits of a number that is written without leading zero bytes. */
export function bitLength(bytes: Uint8Array): number {
  const [first] = bytes;
  return first === undefined ? 0 : bytes.length * 8 - Math.clz32(first) + 24;
}

/** The number that `bytes[from..to)`, six at the most, stand for, the first of them the most significant. */
export function bigEndian(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

/** One array of several. */
export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Whether both hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A packet in the new form, of at most 8,383 bytes (RFC 9580, 4.2.1). @param type - by OpenPGP's number */
export function encodePacket(type: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = body;
  const header =
    length < 192
      ? Uint8Array.of(0xc0 | type, length)
      : Uint8Array.of(0xc0 | type, ((length - 192) >> 8) + 192, (length - 192) & 0xff);
  return joinBytes(header, body);
}
