import { closeSync, fchmodSync, openSync, symlinkSync, unlinkSync } from 'node:fs';
import { MalformedError } from '../../core/errors.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import type { BlobDigest, BlobToRestore } from '../../core/ports.ts';
import { BlobDigester } from '../objects/blob-receiver.ts';
import type { ObjectReceiver } from '../objects/cat-file.ts';
import { fileError } from './file-error.ts';
import { fsPath } from './fs-path.ts';
import { writeFully } from './write-fully.ts';

// No file system takes a longer target.
const MAX_LINK_BYTES = 65_536;

/** Makes a file or link that must not exist, from content that is known to be right. */
export function createFile(blob: BlobToRestore, content: Buffer): void {
  const path = fsPath(blob.destination);
  try {
    if (blob.symlink) {
      symlinkSync(linkTarget(blob, content), path);
      return;
    }
    const descriptor = openSync(path, 'wx', 0o600);
    try {
      writeFully(descriptor, content);
      fchmodSync(descriptor, blob.permissions);
    } catch (error) {
      unlinkSync(path);
      throw error;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw fileError(error, 'create', blob.destination);
  }
}

function linkTarget(blob: BlobToRestore, content: Buffer): Buffer {
  if (content.length > 0 && content.length <= MAX_LINK_BYTES && !content.includes(0)) return content;
  throw new MalformedError(`object ${blob.oid}`, 'is not the target of a symbolic link');
}

/** Writes one blob to a new file as it comes, and leaves no file behind unless every byte was right. */
export class FileReceiver implements ObjectReceiver {
  readonly #blob: BlobToRestore;
  readonly #digester: BlobDigester;
  readonly #link: Buffer[] = [];
  #descriptor: number | undefined;

  constructor(blob: BlobToRestore, format: ObjectFormat) {
    this.#blob = blob;
    this.#digester = new BlobDigester(blob.oid, format);
  }

  begin(type: string, size: number): void {
    this.#digester.begin(type, size);
    if (this.#blob.symlink) {
      if (size > MAX_LINK_BYTES) linkTarget(this.#blob, Buffer.alloc(0));
      return;
    }
    this.#write(() => {
      this.#descriptor = openSync(fsPath(this.#blob.destination), 'wx', 0o600);
    });
  }

  data(chunk: Buffer): void {
    this.#digester.data(chunk);
    const descriptor = this.#descriptor;
    if (descriptor === undefined) this.#link.push(Buffer.from(chunk));
    else this.#write(() => writeFully(descriptor, chunk));
  }

  end(): void {
    const descriptor = this.#descriptor;
    try {
      this.#digester.end();
    } catch (error) {
      this.abandon();
      throw error;
    }
    if (descriptor === undefined) {
      createFile(this.#blob, Buffer.concat(this.#link));
      return;
    }
    this.#write(() => fchmodSync(descriptor, this.#blob.permissions));
    this.#descriptor = undefined;
    closeSync(descriptor);
  }

  /** Removes what was written of a file that will not be finished. */
  abandon(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
    unlinkSync(fsPath(this.#blob.destination));
  }

  result(): BlobDigest {
    return this.#digester.result();
  }

  #write(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.abandon();
      throw fileError(error, 'write', this.#blob.destination);
    }
  }
}
