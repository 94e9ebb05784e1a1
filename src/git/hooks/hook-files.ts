import {
  accessSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { fileError, isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import { writeFully } from '../files/write-fully.ts';

/** No hook is larger; a program that is one is none of ours. */
const MAX_SCRIPT_BYTES = 1024 * 1024;

/** The bytes of a file; undefined where there is none, and for what is no file or too large to be a script of ours. */
export function readFileIfThere(path: ByteString): ByteString | undefined {
  return trying('read', path, () => {
    try {
      const stat = statSync(fsPath(path));
      return stat.isFile() && stat.size <= MAX_SCRIPT_BYTES ? readFileSync(fsPath(path), 'latin1') : undefined;
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
      throw error;
    }
  });
}

/** Whether there is anything of that name, a link to nothing included. */
export function isThere(path: ByteString): boolean {
  return trying('look at', path, () => {
    try {
      return lstatSync(fsPath(path), { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      if (isSystemError(error, 'ENOTDIR')) return false;
      throw error;
    }
  });
}

/** Whether git would run it. */
export function isExecutable(path: ByteString): boolean {
  try {
    accessSync(fsPath(path), constants.X_OK);
    return statSync(fsPath(path)).isFile();
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/** Names in a directory; none where there is no directory. */
export function namesIn(path: ByteString): ByteString[] {
  return trying('read', path, () => {
    try {
      return readdirSync(fsPath(path), { encoding: 'latin1' }).sort();
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
      throw error;
    }
  });
}

/** Makes a directory, and those above it. @returns whether it was not there */
export function makeDirectory(path: ByteString): boolean {
  return trying('make', path, () => mkdirSync(fsPath(path), { recursive: true }) !== undefined);
}

/** Removes a directory, unless something is in it. */
export function removeDirectoryIfEmpty(path: ByteString): void {
  trying('remove', path, () => {
    try {
      rmdirSync(fsPath(path));
    } catch (error) {
      if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
    }
  });
}

/** Gives a file another name in its directory, in the place of what has it. */
export function moveFile(from: ByteString, to: ByteString): void {
  trying('move', from, () => renameSync(fsPath(from), fsPath(to)));
}

/** Removes a file. */
export function removeFile(path: ByteString): void {
  trying('remove', path, () => unlinkSync(fsPath(path)));
}

/**
 * Writes a script that may be executed, whole or not at all, in the place of what is there.
 *
 * @param aside - where what is there is moved to first; null: it goes
 */
export function writeScript(path: ByteString, { text, aside }: { text: ByteString; aside: ByteString | null }): void {
  const fresh = fsPath(`${path}.new-${process.pid}`);
  trying('write', path, () => {
    const descriptor = openSync(fresh, 'wx', 0o777);
    try {
      try {
        writeFully(descriptor, Buffer.from(text, 'latin1'));
      } finally {
        closeSync(descriptor);
      }
      if (aside !== null) renameSync(fsPath(path), fsPath(aside));
      renameSync(fresh, fsPath(path));
    } catch (error) {
      unlinkSync(fresh);
      throw error;
    }
  });
}

function trying<Result>(action: string, path: ByteString, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw fileError(error, action, path);
  }
}
