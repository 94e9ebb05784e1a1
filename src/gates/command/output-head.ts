import type { ByteString } from '../../core/byte-string.ts';

/** The beginning of what a program prints. All is taken, so that it never waits; no more than the limit is held. */
export class OutputHead {
  #left: number;
  readonly #kept: Buffer[] = [];

  constructor(maxBytes: number) {
    this.#left = maxBytes;
  }

  add(chunk: Buffer): void {
    if (this.#left === 0) return;
    // A copy: a part would hold all of the memory that it is of.
    const part = Buffer.from(chunk.subarray(0, this.#left));
    this.#left -= part.length;
    this.#kept.push(part);
  }

  get bytes(): ByteString {
    return Buffer.concat(this.#kept).toString('latin1');
  }
}
