import { hash } from 'node:crypto';
import type { ObjectFormat } from '../../core/oid.ts';
import { type Inflate, openInflate } from './inflater.ts';

// Before the content there is room for what git hashes ahead of it, and after it for the byte that must stay free.
const HEAD_BYTES = 32;
const FIRST_BYTES = 64 * 1024;

/** Inflates and hashes blobs that fit into memory, one at a time, each where the one before it was. */
export class WholeBlobs {
  readonly #algorithm: string;
  readonly #inflate: Inflate = openInflate();
  #room = Buffer.allocUnsafeSlow(FIRST_BYTES);

  constructor({ name }: ObjectFormat) {
    this.#algorithm = name;
  }

  /** The content of an entry, good until the next call; undefined where it is damaged, or has not this size. */
  inflate(data: Buffer, size: number): Buffer | undefined {
    const end = HEAD_BYTES + size;
    if (this.#room.length <= end) this.#room = Buffer.allocUnsafeSlow(2 * end);
    const length = this.#inflate(data, this.#room.subarray(HEAD_BYTES, end + 1));
    return length === size ? this.#room.subarray(HEAD_BYTES, end) : undefined;
  }

  /** Git's name for what {@link inflate} has just given. */
  name({ length }: Buffer): string {
    const head = `blob ${length}\0`;
    const start = HEAD_BYTES - head.length;
    this.#room.write(head, start, 'latin1');
    return hash(this.#algorithm, this.#room.subarray(start, HEAD_BYTES + length), 'hex');
  }

  sha256(content: Buffer): string {
    return hash('sha256', content, 'hex');
  }
}
