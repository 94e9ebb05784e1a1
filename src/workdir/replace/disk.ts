import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import type { FileStat } from '../../core/workdir.ts';
import { toFileStat } from '../file-stat.ts';

// Everything here is synchronous: these are short calls in an order that matters, and none may overtake another.

/** Whether something thrown is a failed system call, of one of these codes if any are given. */
export function isSystemError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return false;
  return codes.length === 0 || codes.includes(String(error.code));
}

/** A path as node:fs takes it. Only a Buffer can name a file whose name is not UTF-8; a string is faster. */
export function at(path: ByteString): string | Buffer {
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) > 0x7f) return Buffer.from(path, 'latin1');
  return path;
}

/** The directory that an absolute path is in. */
export function dirOf(path: ByteString): ByteString {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** The stat of what stands at a path, links not followed; undefined if nothing does. */
export function lstat(path: ByteString): FileStat | undefined {
  try {
    const stat = lstatSync(at(path), { bigint: true, throwIfNoEntry: false });
    return stat && toFileStat(stat);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

export function isDirectory(stat: FileStat | undefined): boolean {
  return stat !== undefined && (stat.mode & 0o170000) === 0o040000;
}

export function isSymlink(stat: FileStat): boolean {
  return (stat.mode & 0o170000) === 0o120000;
}

/** Names in a directory, as bytes. */
export function namesIn(dir: ByteString): ByteString[] {
  return readdirSync(at(dir), { encoding: 'latin1' });
}

/** Names in a directory, and which of them are directories (no links to such). */
export function entriesIn(dir: ByteString): { name: ByteString; directory: boolean }[] {
  return readdirSync(at(dir), { encoding: 'latin1', withFileTypes: true }).map((entry) => ({
    name: entry.name,
    directory: entry.isDirectory(),
  }));
}

/** {@link entriesIn}; none where there is no such directory any more. */
export function entriesIfThere(dir: ByteString): ReturnType<typeof entriesIn> {
  try {
    return entriesIn(dir);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** Makes a file's content, or a directory's names, survive a power cut. */
export function sync(path: ByteString): void {
  const fd = openSync(at(path), 'r');
  try {
    naming(path, () => fsyncSync(fd));
  } finally {
    closeSync(fd);
  }
}

/** Calls that take an open file fail without saying which. */
function naming(path: ByteString, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (isSystemError(error)) error.path ??= displayBytes(path);
    throw error;
  }
}

/** Writes a whole new file and makes its content durable. Its name is not, yet. */
export function writeNewFile(path: ByteString, text: string, permissions = 0o600): void {
  const fd = openSync(at(path), 'wx', permissions);
  try {
    naming(path, () => {
      fchmodSync(fd, permissions);
      const bytes = Buffer.from(text);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      fsyncSync(fd);
    });
  } finally {
    closeSync(fd);
  }
}

/** What {@link writeDurably} calls a file until it is whole. A crash may leave it. */
export function unfinishedName(path: ByteString): ByteString {
  return `${path}.new`;
}

/** Writes a file so that a crash leaves the old one or the new one, whole. */
export function writeDurably(path: ByteString, text: string, permissions?: number): void {
  const temporary = unfinishedName(path);
  removeIfThere(temporary);
  writeNewFile(temporary, text, permissions);
  renameSync(at(temporary), at(path));
  sync(dirOf(path));
}

/** Removes a file for good. */
export function removeDurably(path: ByteString): void {
  removeIfThere(path);
  sync(dirOf(path));
}

export function removeIfThere(path: ByteString): void {
  try {
    unlinkSync(at(path));
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
}

/** A small text file, or undefined if there is none. */
export function readIfThere(path: ByteString): string | undefined {
  try {
    return readFileSync(at(path), 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Removes a directory that is empty; says whether it is gone. */
export function removeIfEmpty(dir: ByteString): boolean {
  try {
    rmdirSync(at(dir));
  } catch (error) {
    if (isSystemError(error, 'ENOTEMPTY', 'EEXIST')) return false;
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
  return true;
}
