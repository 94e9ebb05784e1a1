import type { ByteString } from '../core/byte-string.ts';
import { type BytePath, DIRECTORY, type Entry, FILE, fileType, permissions } from '../core/entry.ts';
import { parentOf } from '../core/rollback/check-target.ts';
import { lstatIfThere } from './file-stat.ts';
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
  const stat = lstatIfThere(nativePath(pathBelow(root, path)));
  if (stat === undefined || fileType(stat.mode) !== fileType(mode)) return false;
  if (fileType(mode) === DIRECTORY) return true;
  if (fileType(mode) === FILE && permissions(stat.mode) !== permissions(mode)) return false;
  return holdsBlob(pathBelow(root, path), oid);
}

function typeAt(root: ByteString, path: BytePath): number {
  return fileType(lstatIfThere(nativePath(pathBelow(root, path)))?.mode ?? 0);
}
