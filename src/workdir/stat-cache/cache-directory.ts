import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
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

  /** Puts a whole file in the place of the old one. Only in {@link attempt}. */
  write(name: string, bytes: Uint8Array): void {
    const temporary = nativePath(this.pathOf(`${name}-${process.pid}.tmp`));
    try {
      writeFileSync(temporary, bytes);
      renameSync(temporary, nativePath(this.pathOf(name)));
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  /** Removes all files but these. */
  removeAllBut(kept: readonly string[]): void {
    for (const name of readNames(nativePath(this.#path)))
      if (!kept.includes(name)) rmSync(nativePath(this.pathOf(name)), { force: true });
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

function readNames(path: string | Buffer): string[] {
  try {
    return readdirSync(path, 'latin1');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
