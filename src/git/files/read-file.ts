import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { UnsteadyFiles } from '../../core/ports.ts';
import type { FileStat } from '../../core/workdir.ts';
import { LARGE_BYTES } from '../pack/pack-format.ts';
import { fileError, isSystemError } from './file-error.ts';
import { fsPath } from './fs-path.ts';

/** What a look at one file found. Content only where it fits in memory; a large file is to be streamed. */
export interface FileContent {
  /** Valid until the next call with the same buffer. */
  readonly content: Uint8Array | undefined;
  readonly stat: FileStat;
}

const TRIES = 3;
// Without O_NONBLOCK, a pipe that took the place of a file would be waited for.
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads a regular file below {@link LARGE_BYTES}, or the target of a symbolic link, and nothing else. Never follows a link.
 *
 * @param buffer - holds the content; must have room for {@link LARGE_BYTES}
 * @returns undefined for one that is gone, where such are left out
 * @throws {SnapshotError} of kind `conflict` if the file changes each time it is read, or one that says why it cannot be read
 */
export function readFile(
  { root, path, unsteady }: { root: ByteString; path: ByteString; unsteady: UnsteadyFiles },
  buffer: Buffer,
): FileContent | undefined {
  return readUnsteady({ path, unsteady }, (how) => readOnce(`${root}/${path}`, path, { buffer, how }));
}

/** How a file is read that may change meanwhile: then it gives nothing, or what had been there of it. */
export type Reading = 'steady' | 'as-it-was';

/**
 * Runs `read` until it gives something, as often as {@link readings} says. Undefined means that the file changed meanwhile.
 *
 * @returns undefined for one that is gone, where such are left out
 */
export function readUnsteady<Result>(
  { path, unsteady }: { path: ByteString; unsteady: UnsteadyFiles },
  read: (how: Reading) => Result | undefined,
): Result | undefined {
  try {
    for (const how of readings(unsteady)) {
      const result = read(how);
      if (result !== undefined) return result;
    }
  } catch (error) {
    if (unsteady === 'take' && isGone(error)) return undefined;
    throw error;
  }
  throw changedFile(path);
}

/** How a file is read, again and again until that gives something. */
export function readings(unsteady: UnsteadyFiles): readonly Reading[] {
  const steady = new Array<Reading>(TRIES).fill('steady');
  return unsteady === 'refuse' ? steady : [...steady, ...new Array<Reading>(TRIES).fill('as-it-was')];
}

/** Something else than a file or link is in its place. */
class NoFileError extends SnapshotError {}

/** Whether the error of a read says that there is no such file any more. */
export function isGone(error: unknown): boolean {
  return (
    error instanceof NoFileError || (error instanceof SnapshotError && isSystemError(error.cause, 'ENOENT', 'ENOTDIR'))
  );
}

/** The error for a file that will not hold still. */
export function changedFile(path: ByteString): SnapshotError {
  return new SnapshotError('conflict', `'${displayBytes(path)}' changed while it was read`, {
    hint: 'Stop whatever writes to it, then run the command again.',
  });
}

/** Opens a regular file without following a link. Undefined if it is a symbolic link. The caller closes it. */
export function openRegular(
  file: ByteString,
  path: ByteString,
): { descriptor: number; stats: BigIntStats } | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(fsPath(file), OPEN_FLAGS);
  } catch (error) {
    // EMLINK is what FreeBSD says.
    if (isSystemError(error, 'ELOOP', 'EMLINK')) return undefined;
    throw fileError(error, 'read', path);
  }
  const stats = fstatSync(descriptor, { bigint: true });
  if (stats.isFile()) return { descriptor, stats };
  closeSync(descriptor);
  throw new NoFileError('conflict', `cannot read '${displayBytes(path)}': no longer a file or symbolic link`, {
    hint: 'Check that nothing else changes the directory, then try again.',
  });
}

/** Whether a file is still what it was: same inode, times and size. */
export function sameFile(a: BigIntStats, b: BigIntStats): boolean {
  return (
    a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.size === b.size && a.ino === b.ino && a.mode === b.mode
  );
}

const NANOSECONDS = 1_000_000_000n;

/** A stat as stat caches keep it. */
export function fileStat(stats: BigIntStats): FileStat {
  return {
    ctimeSec: Number(stats.ctimeNs / NANOSECONDS),
    ctimeNsec: Number(stats.ctimeNs % NANOSECONDS),
    mtimeSec: Number(stats.mtimeNs / NANOSECONDS),
    mtimeNsec: Number(stats.mtimeNs % NANOSECONDS),
    dev: Number(stats.dev),
    ino: Number(stats.ino),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: Number(stats.size),
    mode: Number(stats.mode),
    nlink: Number(stats.nlink),
  };
}

function readOnce(
  file: ByteString,
  path: ByteString,
  { buffer, how }: { buffer: Buffer; how: Reading },
): FileContent | undefined {
  const opened = openRegular(file, path);
  if (opened === undefined) return readLink(file, path);
  const { descriptor, stats } = opened;
  try {
    const size = Number(stats.size);
    if (size >= LARGE_BYTES) return { content: undefined, stat: fileStat(stats) };
    // One byte more than there should be, to see a file that grows.
    const read = readAll(descriptor, buffer, size + 1);
    if (how === 'as-it-was') {
      const content = buffer.subarray(0, Math.min(read, size));
      return { content, stat: { ...fileStat(stats), size: content.length } };
    }
    if (read !== size || !sameFile(stats, fstatSync(descriptor, { bigint: true }))) return undefined;
    return { content: buffer.subarray(0, size), stat: fileStat(stats) };
  } catch (error) {
    throw fileError(error, 'read', path);
  } finally {
    closeSync(descriptor);
  }
}

function readLink(file: ByteString, path: ByteString): FileContent | undefined {
  try {
    const stats = lstatSync(fsPath(file), { bigint: true });
    if (!stats.isSymbolicLink()) return undefined;
    const content = readlinkSync(fsPath(file), { encoding: 'buffer' });
    if (!sameFile(stats, lstatSync(fsPath(file), { bigint: true }))) return undefined;
    return { content, stat: fileStat(stats) };
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

function readAll(descriptor: number, buffer: Buffer, length: number): number {
  let at = 0;
  while (at < length) {
    const read = readSync(descriptor, buffer, at, length - at, null);
    if (read === 0) break;
    at += read;
  }
  return at;
}
