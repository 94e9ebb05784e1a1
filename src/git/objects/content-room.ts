import { hash } from 'node:crypto';
import type { ObjectFormat, Oid } from '../../core/oid.ts';

// "blob ", twenty digits and a NUL would fit.
const HEAD_BYTES = 32;

/**
 * Memory for the content of one small blob after the other. What git hashes ahead of the content is put right before it, so
 * that naming takes one call and no copy: a hash that is fed twice takes twice as long.
 */
export class ContentRoom {
  readonly #algorithm: string;
  #memory: Buffer;

  constructor({ name }: ObjectFormat, bytes: number) {
    this.#algorithm = name;
    this.#memory = Buffer.allocUnsafeSlow(HEAD_BYTES + bytes);
  }

  /** Room for so many bytes. What was in it before is lost. */
  take(bytes: number): Buffer {
    const end = HEAD_BYTES + bytes;
    if (this.#memory.length < end) this.#memory = Buffer.allocUnsafeSlow(Math.max(end, 2 * this.#memory.length));
    return this.#memory.subarray(HEAD_BYTES, end);
  }

  /** Names the first `length` bytes of it by both hashes. */
  name(length: number): { oid: Oid; sha256: string } {
    const head = `blob ${length}\0`;
    const start = HEAD_BYTES - head.length;
    const end = HEAD_BYTES + length;
    this.#memory.write(head, start, 'latin1');
    return {
      oid: hash(this.#algorithm, this.#memory.subarray(start, end), 'hex') as Oid,
      sha256: hash('sha256', this.#memory.subarray(HEAD_BYTES, end), 'hex'),
    };
  }
}
