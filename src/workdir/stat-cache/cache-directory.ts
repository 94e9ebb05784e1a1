import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writevSync } from 'node:fs';
import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { errorCode } from '../file-stat.ts';
import { nativePath } from '../native-path.ts';

/** The directory for what a working tree remembers. All of it can be lost, and is as good as lost if it cannot be read. */
export class CacheDirectory {
  readonly #path: ByteString;

  constructor(path: ByteString) {
    this.#path = path;
  }

  /** Absolute path of a file in it. */
  pathOf(name: string): ByteString {
    return `${this.#path}/${name}`;
  }

  /** A whole file, or undefined. */
  read(name: string): Buffer | undefined {
    try {
      return readFileSync(nativePath(this.pathOf(name)));
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return undefined;
    }
  }

  /** Puts a whole file, given in pieces, in the place of the old one. Only in {@link attempt}. */
  write(name: string, pieces: readonly Uint8Array[]): void {
    const temporary = nativePath(this.pathOf(`${name}-${process.pid}.tmp`));
    try {
      writePieces(temporary, pieces);
      renameSync(temporary, nativePath(this.pathOf(name)));
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  /** Removes all files but these. */
  removeAllBut(kept: readonly string[]): void {
    for (const name of readNames(nativePath(this.#path))) {
      if (kept.includes(name)) continue;
      try {
        rmSync(nativePath(this.pathOf(name)), { force: true });
      } catch (error) {
        const code = errorCode(error);
        if (code === undefined) throw error;
        throw new SnapshotError('git', `cannot remove '${displayBytes(this.pathOf(name))}' (${code})`, {
          cause: error,
          hint: 'Remove the cause, then run the command again.',
        });
      }
    }
  }

  /** Makes the directory and does something that writes to it. @returns whether it could */
  attempt(writeAll: () => void): boolean {
    try {
      mkdirSync(nativePath(this.#path), { recursive: true });
      writeAll();
      return true;
    } catch (error) {
      // A full or read-only disk: the next scan is slower, no more. Anything but an error of the system is a bug.
      if (errorCode(error) === undefined) throw error;
      return false;
    }
  }
}

function writePieces(path: string | Buffer, pieces: readonly Uint8Array[]): void {
  const fd = openSync(path, 'w');
  try {
    let left = pieces.filter(({ length }) => length > 0);
    while (left.length > 0) left = rest(left, writevSync(fd, left));
  } finally {
    closeSync(fd);
  }
}

/** What is left of pieces of which so many bytes are written. */
function rest(pieces: readonly Uint8Array[], written: number): Uint8Array[] {
  let bytes = written;
  let whole = 0;
  for (let piece = pieces[whole]; piece !== undefined && piece.length <= bytes; piece = pieces[++whole])
    bytes -= piece.length;
  const [first, ...others] = pieces.slice(whole);
  return first === undefined ? [] : [first.subarray(bytes), ...others];
}

function readNames(path: string | Buffer): string[] {
  try {
    return readdirSync(path, 'latin1');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
