import { crc32 } from 'node:zlib';
import type { ObjectType } from '../../core/oid.ts';
import { deflatedBytes } from '../objects/deflate.ts';
import type { DeflateInto } from './deflater.ts';
import { entryHeader } from './pack-format.ts';

const FIRST_BYTES = 256 * 1024;

/** Memory that pack entries are written into, one after the other. It can have been used before, and grows. */
export class EntryRoom {
  #memory: Uint8Array;
  #used = 0;

  /** @param memory - of a room before; what it held is lost */
  constructor(memory?: ArrayBuffer) {
    this.#memory = new Uint8Array(memory ?? Buffer.allocUnsafeSlow(FIRST_BYTES).buffer);
  }

  /** All entries until now. */
  get entries(): Uint8Array {
    return this.#memory.subarray(0, this.#used);
  }

  /** Adds the entry of an object. Gives its length, and its checksum for the index. */
  add(type: ObjectType, content: Uint8Array, deflateInto: DeflateInto): { length: number; crc: number } {
    const header = entryHeader(type, content.length);
    const start = this.#used;
    this.#grow(start + header.length + deflatedBytes(content.length));
    this.#memory.set(header, start);
    const dataAt = start + header.length;
    this.#used = dataAt + deflateInto(content, this.#memory.subarray(dataAt));
    return { length: this.#used - start, crc: crc32(this.#memory.subarray(start, this.#used)) };
  }

  #grow(bytes: number): void {
    if (bytes <= this.#memory.length) return;
    const larger = new Uint8Array(Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#memory.length)).buffer);
    larger.set(this.entries);
    this.#memory = larger;
  }
}
