import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { fileType, SYMLINK } from '../../core/entry.ts';
import { IGNORE_FILE } from '../../core/snapshot/ignore-file.ts';
import { lstatIfThere } from '../file-stat.ts';
import { childPath, nativePath, parentOf, pathBelow } from '../native-path.ts';

/**
 * Files of the name of ignore files that look as if they had a say in a set, and have none: those above its directory, and in
 * it one that is a link.
 *
 * @param topLevel - absolute; nothing above it is looked at
 * @param directory - the set's, relative to that, as are the paths that are returned
 */
export function unreadIgnoreFiles(topLevel: ByteString, directory: BytePath): BytePath[] {
  const found: BytePath[] = [];
  for (let above = directory; above !== ''; ) {
    above = parentOf(above);
    const path = childPath(above, IGNORE_FILE);
    if (statOf(topLevel, path) !== undefined) found.unshift(path);
  }
  const own = childPath(directory, IGNORE_FILE);
  const there = statOf(topLevel, own);
  if (there !== undefined && fileType(there.mode) === SYMLINK) found.push(own);
  return found;
}

function statOf(topLevel: ByteString, path: BytePath) {
  return lstatIfThere(nativePath(pathBelow(topLevel, path)));
}
