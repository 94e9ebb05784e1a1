import type { ByteString } from '../core/byte-string.ts';
import { type BytePath, DIRECTORY, type Entry, FILE, fileType, permissions } from '../core/entry.ts';
import { parentOf } from '../core/rollback/check-target.ts';
import type { FileStat } from '../core/workdir.ts';
import { errorCode, lstatIfThere } from './file-stat.ts';
import { nativePath, pathBelow } from './native-path.ts';
import { holdsBlob } from './replace/holds-blob.ts';

/**
 * Which of these entries a directory holds exactly. Reads all of each, whatever rules say of it, and follows no link to it.
 * Of an empty directory that there is one, whatever is in it.
 */
export function holdsEntries(
  root: ByteString,
  entries: readonly Pick<Entry, 'path' | 'mode' | 'oid'>[],
): Set<BytePath> {
  const reached = new Map<BytePath, boolean>([['', true]]);
  const isReached = (directory: BytePath): boolean => {
    const known = reached.get(directory);
    if (known !== undefined) return known;
    const is = isReached(parentOf(directory)) && typeAt(root, directory) === DIRECTORY;
    reached.set(directory, is);
    return is;
  };
  return new Set(
    entries
      .filter(({ path }) => isReached(parentOf(path)))
      .filter((entry) => holds(root, entry))
      .map(({ path }) => path),
  );
}

function holds(root: ByteString, { path, mode, oid }: Pick<Entry, 'path' | 'mode' | 'oid'>): boolean {
  const stat = lookAt(root, path);
  if (stat === undefined || fileType(stat.mode) !== fileType(mode)) return false;
  if (fileType(mode) === DIRECTORY) return true;
  if (fileType(mode) === FILE && permissions(stat.mode) !== permissions(mode)) return false;
  return holdsBlob(pathBelow(root, path), oid);
}

function typeAt(root: ByteString, path: BytePath): number {
  return fileType(lookAt(root, path)?.mode ?? 0);
}

/** What cannot be looked at, in a directory that is closed to us or under too long a name, certainly holds nothing for us. */
function lookAt(root: ByteString, path: BytePath): FileStat | undefined {
  try {
    return lstatIfThere(nativePath(pathBelow(root, path)));
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}
