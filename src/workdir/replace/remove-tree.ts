import { chmodSync, closeSync, constants, existsSync, fstatSync, openSync, rmdirSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { at, entriesIn, isDirectory, isSystemError, lstat, removeIfEmpty, removeIfThere } from './disk.ts';

/**
 * Removes a file, a link, or a directory with all in it. Never follows a link, not even one that somebody puts in the place of
 * a directory meanwhile.
 */
export function removeTree(path: ByteString): void {
  removeBelow(path, { below: '', mayGo: () => true, removeDirectory: (directory) => rmdirSync(at(directory)) });
}

/**
 * Removes what may go of a directory, as {@link removeTree} does, and then what directories are empty.
 *
 * @param mayGo - asked of each file and link right before that is removed
 * @returns whether nothing is left, not even the directory
 */
export function removeWhere(path: ByteString, mayGo: Removal['mayGo']): boolean {
  removeBelow(path, { below: '', mayGo, removeDirectory: removeIfEmpty });
  return lstat(path) === undefined;
}

interface Removal {
  /** Where it is, from the top: `''`, or ending with a slash. */
  readonly below: ByteString;
  readonly mayGo: (file: ByteString, path: ByteString) => boolean;
  readonly removeDirectory: (path: ByteString) => void;
}

function removeBelow(path: ByteString, removal: Removal): void {
  const { below, mayGo } = removal;
  const directory = isDirectory(lstat(path)) ? holdDirectory(path) : undefined;
  if (directory === undefined) {
    if (mayGo(path, below.slice(0, -1))) removeIfThere(path);
    return;
  }
  try {
    for (const entry of entriesIn(directory.path)) {
      const place = `${directory.path}/${entry.name}`;
      if (entry.directory) removeBelow(place, { ...removal, below: `${below}${entry.name}/` });
      else if (mayGo(place, `${below}${entry.name}`)) removeIfThere(place);
    }
  } catch (error) {
    throw namedAs(error, { from: directory.path, to: path });
  } finally {
    directory.release();
  }
  removal.removeDirectory(path);
}

/** A directory that stays this very one, whatever becomes of its name, and a path that leads to it. */
interface HeldDirectory {
  readonly path: ByteString;
  release(): void;
}

/** Where Linux shows what we have open, under names that lead to these very things. */
const OPEN_FILES = '/proc/self/fd';

/** open(2) of Linux, which node has no name for: a handle that needs no permission to read. */
const O_PATH = 0o10000000;

/** Undefined: it is no directory any more, or gone. */
function holdDirectory(path: ByteString): HeldDirectory | undefined {
  // Elsewhere there is no path to an open directory: what is left is the look that was just taken.
  if (process.platform !== 'linux' || !existsSync(OPEN_FILES))
    return { path: accessible(path, lstat(path)?.mode ?? 0o700), release: () => {} };
  let fd: number;
  try {
    fd = openSync(at(path), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
  try {
    return { path: accessible(`${OPEN_FILES}/${fd}`, fstatSync(fd).mode), release: () => closeSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** What we may not read or empty we may still own. */
function accessible(path: ByteString, mode: number): ByteString {
  if ((mode & 0o700) !== 0o700) chmodSync(at(path), 0o700);
  return path;
}

/** A failed system call, told by the name that people know. */
function namedAs(error: unknown, { from, to }: { from: ByteString; to: ByteString }): unknown {
  if (isSystemError(error) && error.path?.startsWith(from)) error.path = to + error.path.slice(from.length);
  return error;
}
