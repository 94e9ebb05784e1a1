import { closeSync, openSync, readSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';

interface Range {
  readonly offset: number;
  readonly length: number;
}

const WINDOW_BYTES = 1024 * 1024;

/**
 * Reads from packs, and keeps them open. Reads ahead, since entries that lie one after the other are
 * asked for one after the other. A pack that is gone, or too short, gives undefined.
 */
export class PackFiles {
  readonly #descriptors = new Map<ByteString, number | undefined>();
  readonly #windowBytes: number;
  #window: Buffer;
  #pack: ByteString | undefined;
  #start = 0;
  #end = 0;

  /** @param windowBytes - how far to read ahead */
  constructor(windowBytes = WINDOW_BYTES) {
    this.#windowBytes = windowBytes;
    this.#window = Buffer.allocUnsafe(windowBytes);
  }

  /** Bytes of a pack; good until the next call. */
  read(pack: ByteString, { offset, length }: Range): Buffer | undefined {
    const inside = pack === this.#pack && offset >= this.#start && offset + length <= this.#end;
    if (!inside) this.#fill(pack, { offset, length });
    if (offset + length > this.#end) return undefined;
    return this.#window.subarray(offset - this.#start, offset - this.#start + length);
  }

  /** Bytes of a pack, in a buffer that the caller may keep. */
  readOwn(pack: ByteString, range: Range): Buffer | undefined {
    const buffer = Buffer.allocUnsafeSlow(range.length);
    return this.#readInto(buffer, pack, range) === range.length ? buffer : undefined;
  }

  close(): void {
    for (const descriptor of this.#descriptors.values()) if (descriptor !== undefined) closeSync(descriptor);
    this.#descriptors.clear();
    this.#pack = undefined;
  }

  #fill(pack: ByteString, { offset, length }: Range): void {
    const wanted = Math.max(length, this.#windowBytes);
    if (wanted > this.#window.length) this.#window = Buffer.allocUnsafe(wanted);
    this.#pack = pack;
    this.#start = offset;
    this.#end = offset + this.#readInto(this.#window, pack, { offset, length: wanted });
  }

  #readInto(buffer: Buffer, pack: ByteString, { offset, length }: Range): number {
    const descriptor = this.#open(pack);
    if (descriptor === undefined) return 0;
    let at = 0;
    while (at < length) {
      const read = readSync(descriptor, buffer, at, length - at, offset + at);
      if (read === 0) break;
      at += read;
    }
    return at;
  }

  #open(pack: ByteString): number | undefined {
    const known = this.#descriptors.get(pack);
    if (known !== undefined) return known;
    try {
      const descriptor = openSync(fsPath(pack), 'r');
      this.#descriptors.set(pack, descriptor);
      return descriptor;
    } catch (error) {
      // Repacked meanwhile: git knows where the object is now.
      if (isSystemError(error)) return undefined;
      throw error;
    }
  }
}
