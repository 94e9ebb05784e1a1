import type { ByteString } from '../../core/byte-string.ts';
import { type BytePath, DIRECTORY, fileType } from '../../core/entry.ts';
import type { FileStat } from '../../core/workdir.ts';
import { errorCode, lstatIfThere } from '../file-stat.ts';
import { nativePath, parentOf, pathBelow } from '../native-path.ts';
import type { CachedDirectory, DirectoryStamp } from '../stat-cache/directory-table.ts';

/** How the directories that the cache knows are now. Those in neither table have not gained or lost a name. */
export interface DirectoryChanges {
  /** With what must be read again, and its stat. */
  readonly dirty: Map<BytePath, FileStat>;
  /** No directory any more. */
  readonly gone: Set<BytePath>;
}

/**
 * Looks at each directory, the upper ones first: below a directory that has become a link, nothing is looked at.
 *
 * @param directories - those above before those below
 * @returns undefined if one cannot be looked at
 */
export function lookAtDirectories(
  root: ByteString,
  directories: ReadonlyMap<BytePath, CachedDirectory>,
): DirectoryChanges | undefined {
  const dirty = new Map<BytePath, FileStat>();
  const gone = new Set<BytePath>();
  try {
    for (const [path, { stamp }] of directories) {
      const isBelowGone = path !== '' && gone.has(parentOf(path));
      const stat = isBelowGone ? undefined : lstatIfThere(nativePath(pathBelow(root, path)));
      if (stat === undefined || fileType(stat.mode) !== DIRECTORY) gone.add(path);
      else if (stamp === undefined || !sameStamp(stamp, stat)) dirty.set(path, stat);
    }
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
  return { dirty, gone };
}

function sameStamp(a: DirectoryStamp, b: DirectoryStamp): boolean {
  return (
    a.mtimeNsec === b.mtimeNsec &&
    a.mtimeSec === b.mtimeSec &&
    a.ctimeNsec === b.ctimeNsec &&
    a.ctimeSec === b.ctimeSec &&
    a.ino === b.ino
  );
}
