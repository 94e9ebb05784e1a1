import { MalformedError, MissingObjectError } from '../../core/errors.ts';
import type { BlobContent } from '../../core/exchange/port.ts';
import type { Oid } from '../../core/oid.ts';
import { objectHash } from '../objects/object-name.ts';
import type { Repository } from '../open-repository.ts';
import { gitBytes } from './git-bytes.ts';

/**
 * Reads blobs in this order, of any size in constant memory, no faster than they are taken.
 *
 * @throws {MissingObjectError} and, after its last byte, {@link MalformedError} for one whose content has another name
 */
export async function* streamBlobs(
  repository: Repository,
  oids: readonly Oid[],
): AsyncGenerator<BlobContent, void, undefined> {
  if (oids.length === 0) return;
  const stdin = function* () {
    // In batches: what is asked is held until git has read it.
    for (let i = 0; i < oids.length; i += 256) yield `${oids.slice(i, i + 256).join('\n')}\n`;
  };
  const output = new ByteQueue(gitBytes(repository.place, ['cat-file', '--batch'], { stdin: stdin() }));
  try {
    for (const oid of oids) {
      const header = await output.line();
      if (header === undefined || header.endsWith(' missing')) throw new MissingObjectError(oid);
      const [, type, digits] = header.split(' ');
      if (type !== 'blob') throw new MalformedError(`object ${oid}`, `is a ${type}, not a blob`);
      const size = Number(digits);
      const content = checked(output, repository, { oid, size });
      yield { oid, size, content };
      if ((await output.line()) !== '') throw new Error('unexpected answer of git cat-file');
    }
  } finally {
    await output.close();
  }
}

async function* checked(
  output: ByteQueue,
  { format }: Repository,
  { oid, size }: { oid: Oid; size: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const name = objectHash(format, 'blob', size);
  for (let left = size; left > 0; ) {
    const chunk = await output.take(left);
    if (chunk === undefined) throw new MalformedError(`object ${oid}`, 'git cannot read it');
    name.update(chunk);
    left -= chunk.length;
    yield chunk;
  }
  const found = name.digest('hex');
  if (found !== oid) throw new MalformedError(`object ${oid}`, `its content has the name ${found}`);
}

const LINE_FEED = 10;

/** Bytes that come piece by piece, taken line by line or so many at most. */
class ByteQueue {
  readonly #chunks: AsyncGenerator<Buffer, void, undefined>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncGenerator<Buffer, void, undefined>) {
    this.#chunks = chunks;
  }

  /** Without its line feed; undefined at the end. */
  async line(): Promise<string | undefined> {
    let line = '';
    while (await this.#fill()) {
      const end = this.#rest.indexOf(LINE_FEED);
      line += this.#rest.toString('latin1', 0, end < 0 ? this.#rest.length : end);
      this.#rest = this.#rest.subarray(end < 0 ? this.#rest.length : end + 1);
      if (end >= 0) return line;
    }
    return undefined;
  }

  /** Some bytes, no more than that; undefined at the end. */
  async take(maxBytes: number): Promise<Buffer | undefined> {
    if (!(await this.#fill())) return undefined;
    const taken = this.#rest.subarray(0, maxBytes);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  async close(): Promise<void> {
    await this.#chunks.return();
  }

  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return false;
      this.#rest = next.value;
    }
    return true;
  }
}
