import { mkdirSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { parentOf } from '../../core/rollback/check-target.ts';
import { at, isDirectory, isSystemError, lstat } from '../replace/disk.ts';
import { copyAttributes, linkOrCopy } from '../replace/tree.ts';
import type { LastLook } from './look-at-live.ts';

/**
 * Gives a new release what the live one has beside the content of a snapshot: files by a second name, so that a program
 * that has one open goes on writing to it in both; directories anew. What has no place in the new release stays behind.
 *
 * @returns the directories of the new release in which something was made
 */
export function carryOver(live: ByteString, release: ByteString, { record, otherDirectories }: LastLook): ByteString[] {
  const touched = new Set<ByteString>();
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
    try {
      linkOrCopy(`${live}/${path}`, place);
      touched.add(parentPath(place));
    } catch (error) {
      // Gone by now: logs and caches come and go.
      if (!isSystemError(error, 'ENOENT') || lstat(`${live}/${path}`) !== undefined) throw error;
    }
  }
  return [...touched];
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
