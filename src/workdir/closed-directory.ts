import { accessSync, constants, type Dirent, readdirSync, statSync } from 'node:fs';
import type { ByteString } from '../core/byte-string.ts';
import type { ClosedDirectory } from '../core/doctor/port.ts';
import { DIRECTORY, fileType } from '../core/entry.ts';
import { errorCode, isGone, lstatIfThere } from './file-stat.ts';
import { nativePath } from './native-path.ts';

/** A directory, and how many levels below it count as well. */
export interface DirectoryTree {
  /** Absolute. */
  readonly path: ByteString;
  readonly depth: number;
}

/**
 * The first directory, of these and those below them, in which this user may not make, replace and remove things. Of what is not
 * there, the one is looked at in which it would be made. Links below are not followed.
 */
export function closedDirectory(trees: readonly DirectoryTree[]): ClosedDirectory | undefined {
  for (const { path: wanted, depth } of trees) {
    const path = nearest(wanted);
    const because = obstacleIn(path);
    if (because !== undefined) return { path, because };
    const below = path === wanted && depth > 0 ? closedIn(path, depth) : undefined;
    if (below !== undefined) return below;
  }
  return undefined;
}

function closedIn(directory: ByteString, depth: number): ClosedDirectory | undefined {
  for (const entry of entriesOf(directory)) {
    if (!entry.isDirectory()) continue;
    const path = `${directory}/${entry.name}`;
    const because = obstacleIn(path);
    if (because !== undefined) return { path, because };
    const below = depth > 1 ? closedIn(path, depth - 1) : undefined;
    if (below !== undefined) return below;
  }
  return undefined;
}

/** None where it is gone meanwhile, or may not be read, which {@link obstacleIn} tells. */
export function entriesOf(directory: ByteString): Dirent[] {
  try {
    return readdirSync(nativePath(directory), { withFileTypes: true, encoding: 'latin1' });
  } catch (error) {
    if (isGone(error) || errorCode(error) === 'EACCES' || errorCode(error) === 'ENAMETOOLONG') return [];
    throw error;
  }
}

/** The directory itself, or the closest one above it. */
function nearest(path: ByteString): ByteString {
  const above = path.slice(0, path.lastIndexOf('/'));
  return above === '' || lstatIfThere(nativePath(path)) !== undefined ? path : nearest(above);
}

const { R_OK, W_OK, X_OK } = constants;

/** What keeps this user from making, replacing and removing things in a directory. Nothing does where it is gone. */
export function obstacleIn(path: ByteString): ClosedDirectory['because'] | undefined {
  try {
    accessSync(nativePath(path), R_OK | W_OK | X_OK);
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EROFS') return 'read-only file system';
    // Somebody took it away just now, or it is so deep that its path is too long for the system.
    if (isGone(error) || code === 'ENAMETOOLONG') return undefined;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    const there = lstatIfThere(nativePath(path));
    if (there === undefined) return undefined;
    if (fileType(there.mode) !== DIRECTORY && !isDirectory(path)) return 'no directory';
    return there.uid === process.geteuid?.() ? 'its mode' : 'another owner';
  }
}

/** Links are followed: a user may keep the configuration elsewhere. */
function isDirectory(path: ByteString): boolean {
  return statSync(nativePath(path), { throwIfNoEntry: false })?.isDirectory() === true;
}
