import { linkSync, mkdirSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { type BytePath, FILE, fileType, SYMLINK } from '../../core/entry.ts';
import { parentOf } from '../../core/rollback/check-target.ts';
import { at, isDirectory, isSystemError, lstat } from '../replace/disk.ts';
import { copyAttributes, linkOrCopy } from '../replace/tree.ts';
import type { LastLook } from './look-at-live.ts';

/** What became of what a live release has beside the content of a snapshot. */
export interface CarriedOver {
  /** The directories of the new release in which something was made. */
  readonly touched: readonly ByteString[];
  /** The files that the new release has now. */
  readonly paths: ReadonlySet<BytePath>;
}

/**
 * Gives a new release what the live one has beside the content of a snapshot: files by a second name, so that a program
 * that has one open goes on writing to it in both; directories anew. What has no place in the new release stays behind.
 */
export function carryOver(live: ByteString, release: ByteString, { record, otherDirectories }: LastLook): CarriedOver {
  const touched = new Set<ByteString>();
  const paths = new Set<BytePath>();
  const makeDirectory = (path: BytePath): boolean => {
    const place = path === '' ? release : `${release}/${path}`;
    const there = lstat(place);
    if (there !== undefined) return isDirectory(there);
    if (!makeDirectory(parentOf(path))) return false;
    mkdirSync(at(place), 0o700);
    touched.add(place).add(parentPath(place));
    return true;
  };
  for (const path of otherDirectories) makeDirectory(path);
  for (const path of record.others.keys()) {
    const place = `${release}/${path}`;
    if (!makeDirectory(parentOf(path)) || lstat(place) !== undefined) continue;
    if (!giveName(`${live}/${path}`, place)) continue;
    touched.add(parentPath(place));
    paths.add(path);
  }
  return { touched: [...touched], paths };
}

/** Says whether it could be done: logs and caches come and go. */
function giveName(from: ByteString, to: ByteString): boolean {
  const stat = lstat(from);
  if (stat === undefined) return false;
  // A socket or FIFO has no content that a copy could have, and reading it might never end.
  const hasContent = fileType(stat.mode) === FILE || fileType(stat.mode) === SYMLINK;
  try {
    if (hasContent) linkOrCopy(from, to);
    else linkSync(at(from), at(to));
    return true;
  } catch (error) {
    if (!isSystemError(error) || (hasContent && lstat(from) !== undefined)) throw error;
    return false;
  }
}

function parentPath(path: ByteString): ByteString {
  return path.slice(0, path.lastIndexOf('/'));
}

/**
 * Gives each directory of a new release the owner and permissions that the same one has in the live one. Others, which
 * no snapshot describes either, stay as the umask made them.
 *
 * @param directories - paths in the release, `''` for itself
 */
export function copyDirectoryAttributes(live: ByteString, release: ByteString, directories: Iterable<BytePath>): void {
  // Those below first: one above may forbid to reach them.
  for (const path of [...directories].sort().reverse()) {
    const below = path === '' ? '' : `/${path}`;
    const stat = lstat(`${live}${below}`);
    if (stat !== undefined && isDirectory(stat)) copyAttributes(stat, `${release}${below}`);
  }
}
