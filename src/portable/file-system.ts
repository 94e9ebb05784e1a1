import { displayBytes, escapeText, utf8Encode } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';

/** What a file is, as node and the browser's file systems tell it. */
export interface FileKind {
  readonly size: number;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** The calls that reading a repository takes. `node:fs/promises` has them, and so has the `promises` of LightningFS or ZenFS. */
export interface FileSystemCalls {
  readFile(path: string): Promise<Uint8Array | string>;
  readdir(path: string): Promise<string[]>;
  stat(path: string): Promise<FileKind>;
  lstat(path: string): Promise<FileKind>;
  readlink(path: string): Promise<string>;
}

/** A file system with promises, or a module that has one as its `promises`, as `node:fs` does. */
export type PortableFileSystem = FileSystemCalls | { readonly promises: FileSystemCalls };

/**
 * Reads files, and tells what is absent from what cannot be read: a file that we may not open must not pass for one that is
 * not there.
 */
export class FileReader {
  readonly #calls: FileSystemCalls;

  constructor(fs: PortableFileSystem) {
    this.#calls = 'promises' in fs ? fs.promises : fs;
  }

  /** The bytes of a file; undefined if there is none. @throws {SnapshotError} of kind `git` */
  async read(path: string): Promise<Uint8Array | undefined> {
    const bytes: unknown = await this.#present(path, () => this.#calls.readFile(path));
    if (bytes === undefined || bytes instanceof Uint8Array) return bytes;
    throw unreadable(path, 'the file system gave no bytes');
  }

  /** Names in a directory; none if it is not there, or is no directory. */
  async list(path: string): Promise<string[]> {
    return (await this.#present(path, () => this.#calls.readdir(path))) ?? [];
  }

  /** What `path` is, itself, even if it is a symbolic link; undefined if there is nothing. */
  kind(path: string): Promise<FileKind | undefined> {
    return this.#present(path, () => this.#calls.lstat(path));
  }

  /** Where a symbolic link points. */
  target(path: string): Promise<string | undefined> {
    return this.#present(path, () => this.#calls.readlink(path));
  }

  /** Whether there is a directory, through links. */
  async isDirectory(path: string): Promise<boolean> {
    return (await this.#present(path, () => this.#calls.stat(path)))?.isDirectory() ?? false;
  }

  async size(path: string): Promise<number | undefined> {
    return (await this.#present(path, () => this.#calls.stat(path)))?.size;
  }

  async #present<T>(path: string, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      if (code === undefined && !(error instanceof Error)) throw error;
      throw unreadable(path, code ?? String(error), error);
    }
  }
}

/** A path as messages show it. */
export function shownPath(path: string): string {
  return path.isWellFormed() ? displayBytes(utf8Encode(path)) : JSON.stringify(path);
}

function unreadable(path: string, reason: string, cause?: unknown): SnapshotError {
  return new SnapshotError('git', `cannot read '${shownPath(path)}': ${escapeText(reason)}`, {
    hint: 'See that the file can be read, and try again.',
    cause,
  });
}

function errorCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
