import { createHash, type Hash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { crc32 } from 'node:zlib';
import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectFormat, Oid } from '../../core/oid.ts';
import { fileError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import { writeFully } from '../files/write-fully.ts';
import { PACK_HEADER_BYTES, packHeader } from './pack-format.ts';
import { encodePackIndex, type IndexedEntry } from './pack-index.ts';
import type { SealedPack } from './publish-packs.ts';

export interface PackWriterOptions {
  readonly objectDirectory: ByteString;
  readonly format: ObjectFormat;
  readonly fsync: boolean;
  /** How many entries there will be, if known: saves reading the pack once more for its checksum. */
  readonly expectedEntries?: number;
}

const READ_BYTES = 1024 * 1024;

/**
 * Writes a pack entry by entry. The entries come ready (header and deflated content), in one piece or in several.
 * The files are named as git names its own unfinished ones, so that `git gc` clears up what a crash leaves.
 */
export class PackWriter {
  readonly #options: PackWriterOptions;
  readonly #temporaryPack: ByteString;
  readonly #temporaryIndex: ByteString;
  readonly #descriptor: number;
  readonly #entries: IndexedEntry[] = [];
  #checksum: Hash;
  #size = PACK_HEADER_BYTES;
  #open = true;
  #entryCrc = 0;
  #entryStart = 0;
  #beforeEntry: Hash | undefined;

  constructor(options: PackWriterOptions) {
    this.#options = options;
    const directory = `${options.objectDirectory}/pack`;
    const id = randomBytes(6).toString('hex');
    this.#temporaryPack = `${directory}/tmp_pack_${id}`;
    this.#temporaryIndex = `${directory}/tmp_idx_${id}`;
    const header = packHeader(options.expectedEntries ?? 0);
    this.#checksum = createHash(options.format.name).update(header);
    this.#descriptor = this.#attempt(() => {
      mkdirSync(fsPath(directory), { recursive: true });
      // Read too: the checksum may have to be computed from the file.
      const descriptor = openSync(fsPath(this.#temporaryPack), 'wx+', 0o444);
      writeFully(descriptor, header);
      return descriptor;
    });
  }

  get entries(): number {
    return this.#entries.length;
  }

  /** Adds one whole entry. `crc` is that of `bytes`. */
  addEntry(oid: Oid, bytes: Uint8Array, crc = crc32(bytes)): void {
    this.addEntries([{ oid, length: bytes.length, crc }], bytes);
  }

  /** Adds entries that lie one after the other in `bytes`. */
  addEntries(entries: readonly { oid: Oid; length: number; crc: number }[], bytes: Uint8Array): void {
    let offset = this.#size;
    this.#append(bytes);
    for (const { oid, length, crc } of entries) {
      this.#entries.push({ oid, crc32: crc, offset });
      offset += length;
    }
  }

  /** Begins an entry that comes in pieces, by {@link append}. */
  beginEntry(): void {
    this.#entryStart = this.#size;
    this.#entryCrc = 0;
    this.#beforeEntry = this.#checksum.copy();
  }

  append(bytes: Uint8Array): void {
    this.#entryCrc = crc32(bytes, this.#entryCrc);
    this.#append(bytes);
  }

  /** Ends the entry that {@link beginEntry} began. */
  endEntry(oid: Oid): void {
    this.#entries.push({ oid, crc32: this.#entryCrc, offset: this.#entryStart });
    this.#beforeEntry = undefined;
  }

  /** Takes back what was written since {@link beginEntry}. */
  cancelEntry(): void {
    if (this.#beforeEntry === undefined) return;
    this.#checksum = this.#beforeEntry;
    this.#size = this.#entryStart;
    this.#beforeEntry = undefined;
    this.#attempt(() => ftruncateSync(this.#descriptor, this.#size));
  }

  /** Completes pack and index, and makes their content durable. */
  seal(): SealedPack {
    const { format, fsync, expectedEntries } = this.#options;
    return this.#attempt(() => {
      if (expectedEntries !== this.#entries.length) this.#correctHeader();
      const checksum = this.#checksum.digest();
      this.#put(checksum);
      fchmodSync(this.#descriptor, 0o444);
      if (fsync) fsyncSync(this.#descriptor);
      this.#close();
      this.#writeIndex(encodePackIndex(format, this.#entries, checksum));
      return {
        temporaryPack: this.#temporaryPack,
        temporaryIndex: this.#temporaryIndex,
        checksum: checksum.toString('hex'),
      };
    });
  }

  /** Removes the files. */
  abandon(): void {
    this.#close();
    rmSync(fsPath(this.#temporaryPack), { force: true });
    rmSync(fsPath(this.#temporaryIndex), { force: true });
  }

  #append(bytes: Uint8Array): void {
    this.#checksum.update(bytes);
    this.#attempt(() => this.#put(bytes));
    this.#size += bytes.length;
  }

  // At a position of its own: after a cancelled entry the descriptor's is wrong.
  #put(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(this.#descriptor, bytes, at, bytes.length - at, this.#size + at);
    }
  }

  // The count comes first in the file, and in what the checksum is of, but is known last.
  #correctHeader(): void {
    const header = packHeader(this.#entries.length);
    writeSync(this.#descriptor, header, 0, header.length, 0);
    this.#checksum = createHash(this.#options.format.name);
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (let at = 0; at < this.#size; ) {
      const read = readSync(this.#descriptor, buffer, 0, Math.min(buffer.length, this.#size - at), at);
      if (read === 0) throw new Error('the pack ended before its end');
      this.#checksum.update(buffer.subarray(0, read));
      at += read;
    }
  }

  #writeIndex(index: Buffer): void {
    const descriptor = openSync(fsPath(this.#temporaryIndex), 'wx', 0o444);
    try {
      writeFully(descriptor, index);
      fchmodSync(descriptor, 0o444);
      if (this.#options.fsync) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  #attempt<Result>(step: () => Result): Result {
    try {
      return step();
    } catch (error) {
      throw fileError(error, 'write', this.#temporaryPack);
    }
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#descriptor);
  }
}
