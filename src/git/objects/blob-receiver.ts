import { createHash, type Hash } from 'node:crypto';
import { MalformedError } from '../../core/errors.ts';
import type { ObjectFormat, Oid } from '../../core/oid.ts';
import type { BlobDigest } from '../../core/ports.ts';
import type { ObjectReceiver } from './cat-file.ts';
import { objectHash } from './object-name.ts';

/** Hashes the content of one blob as it passes, and says at its end whether it has the right name. */
export class BlobDigester implements ObjectReceiver {
  readonly oid: Oid;
  readonly #format: ObjectFormat;
  readonly #sha256 = createHash('sha256');
  #name: Hash | undefined;
  #size = 0;
  #digest: BlobDigest | undefined;

  constructor(oid: Oid, format: ObjectFormat) {
    this.oid = oid;
    this.#format = format;
  }

  begin(type: string, size: number): void {
    if (type !== 'blob') throw new MalformedError(`object ${this.oid}`, `is a ${type}, not a blob`);
    this.#size = size;
    this.#name = objectHash(this.#format, 'blob', size);
  }

  data(chunk: Uint8Array): void {
    this.#name?.update(chunk);
    this.#sha256.update(chunk);
  }

  /** @throws {MalformedError} if the content has another name */
  end(): void {
    const name = this.#name?.digest('hex');
    if (name !== this.oid) throw new MalformedError(`object ${this.oid}`, `its content has the name ${name}`);
    this.#digest = { sha256: this.#sha256.digest('hex'), size: this.#size };
  }

  /** The digest, after {@link end}. */
  result(): BlobDigest {
    if (this.#digest === undefined) throw new Error(`blob ${this.oid} was not read to its end`);
    return this.#digest;
  }
}
