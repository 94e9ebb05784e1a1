import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { escapeText } from '../core/byte-string.ts';
import { MalformedError, SnapshotError } from '../core/errors.ts';
import { systemReason } from '../core/system-reason.ts';

const WINDOW_BYTES = 1024 * 1024;

const WRITTEN_BY_EXPORT = 'Name a file that "git snapshot export" wrote.';

/** A file that is read at any place, through a window. */
export class FileSource {
  /** For people, in quotes. */
  readonly what: string;
  /** As it was typed. */
  readonly name: string;
  readonly size: number;
  readonly #descriptor: number;
  #window = Buffer.alloc(0);
  #start = 0;

  /** @throws {SnapshotError} `not-found`, or `config` where it is no file that can be read */
  constructor(path: string, name: string) {
    this.name = escapeText(name);
    this.what = `'${this.name}'`;
    try {
      this.#descriptor = openSync(path, 'r');
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error;
      const kind = error.code === 'ENOENT' ? 'not-found' : 'config';
      throw new SnapshotError(kind, `cannot read ${this.what}: ${systemReason(String(error.code))}`, {
        cause: error,
        hint: WRITTEN_BY_EXPORT,
      });
    }
    const stat = fstatSync(this.#descriptor);
    if (!stat.isFile()) {
      this.close();
      const what = stat.isDirectory() ? 'a directory, and not a file' : 'not a file';
      throw new SnapshotError('config', `${this.what} is ${what}`, {
        hint: WRITTEN_BY_EXPORT,
      });
    }
    this.size = stat.size;
  }

  /** Exactly these bytes; good until the next call. @throws {MalformedError} where the file ends before */
  read(offset: number, length: number): Buffer {
    const inside = offset >= this.#start && offset + length <= this.#start + this.#window.length;
    if (!inside) this.#fill(offset, length);
    const from = offset - this.#start;
    if (from + length > this.#window.length) throw this.truncated();
    return this.#window.subarray(from, from + length);
  }

  /** The same in pieces, each in a buffer of its own. */
  async *stream(offset: number, length: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < length; at += WINDOW_BYTES)
      yield Buffer.from(this.read(offset + at, Math.min(WINDOW_BYTES, length - at)));
  }

  truncated(): MalformedError {
    return new MalformedError(this.what, 'ends too early', {
      hint: 'It was cut short. Copy it again from where it came.',
    });
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #fill(offset: number, length: number): void {
    if (length > WINDOW_BYTES) throw new Error('more than a window is asked for at once');
    const window = Buffer.allocUnsafe(WINDOW_BYTES);
    let end = 0;
    while (end < WINDOW_BYTES) {
      const read = readSync(this.#descriptor, window, end, WINDOW_BYTES - end, offset + end);
      if (read === 0) break;
      end += read;
    }
    this.#window = window.subarray(0, end);
    this.#start = offset;
  }
}
