import { fromByteArray, toByteArray } from '../byte-string.ts';
import { ByteReader, FormatFault, joinBytes } from '../openpgp/byte-reader.ts';

/** Reads the fields of SSH's wire format (RFC 4251, 5). */
export class WireReader extends ByteReader {
  readonly #what: string;

  /** @param what - names the bytes in error messages */
  constructor(bytes: Uint8Array, what: string) {
    super(bytes, what);
    this.#what = what;
  }

  /** Bytes with their length before them. */
  string(): Uint8Array {
    return this.take(this.uint32());
  }

  /** A string that is a name. Other bytes than printable ASCII are no name that we know. */
  name(): string {
    const name = fromByteArray(this.string());
    if (!/^[\x21-\x7e]{1,64}$/.test(name)) throw new FormatFault(`${this.#what} has a malformed name`);
    return name;
  }

  /** A positive number, in its one spelling. Without the zero byte that keeps its sign. */
  mpint(): Uint8Array {
    const bytes = this.string();
    const [first = 0x80, second = 0] = bytes;
    if (first >= 0x80 || (first === 0 && second < 0x80)) throw new FormatFault(`${this.#what} has a malformed number`);
    return first === 0 ? bytes.subarray(1) : bytes;
  }
}

/** Writes a string: its length, and the bytes. */
export function wireString(bytes: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const body = typeof bytes === 'string' ? toByteArray(bytes) : bytes;
  return joinBytes(wireUint32(body.length), body);
}

/** Writes a number of four bytes. */
export function wireUint32(value: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}
