import { mkdirSync, renameSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { parentOf } from '../../core/rollback/check-target.ts';
import type { RescuedFile } from '../../core/rollback/port.ts';
import type { FileStat } from '../../core/workdir.ts';
import { fileKey, writersOf } from '../programs/writers-of.ts';
import { at, dirOf, isDirectory, isSystemError, lstat, sync } from './disk.ts';
import { sameBytes } from './holds-blob.ts';
import { hasContent, isSameFile } from './marks.ts';
import { removeTree } from './remove-tree.ts';
import { linkOnly, linkOrCopyTree, walkFiles } from './tree.ts';

/** Keeps what other programs wrote while their directory was being replaced, in `<git directory>/snapshot/rescued`. */
export interface Rescue {
  /** Takes what is at `from`, which is in the way, out of it. `path` is what it was called in the set. */
  moveAside(from: ByteString, path: BytePath): void;
  /**
   * Keeps the content of `from`, which stays where it is. Done twice, it does it once.
   *
   * @returns undefined for a socket or FIFO, which holds nothing; else what is kept, be it the very file, by another name (then what is written to it later is kept, too), or a copy
   */
  keep(from: ByteString, path: BytePath): FileStat | undefined;
  /**
   * Gives the file `from`, which a program has open, another name where things are kept, so that what is written to it later
   * is kept, too.
   *
   * @returns false where it cannot have one, since that is on another file system
   */
  keepOpen(from: ByteString, path: BytePath): boolean;
  /**
   * Takes the directory `from` as it is, with programs that go on writing in it.
   *
   * @returns where it is now; undefined: it cannot be moved there, since that is on another file system
   */
  takeWhole(from: ByteString): ByteString | undefined;
  /** All that was kept, by this process or one before it, and who writes to it. */
  list(): RescuedFile[];
}

export function openRescue(home: ByteString, operation: string): Rescue {
  const shelf = `${home}/rescued/${operation}`;
  // The same path may have to be kept twice; the second goes to a shelf of its own.
  const numbered = (n: number) => (n === 1 ? shelf : `${shelf}~${n}`);

  const freePlace = (path: BytePath, isTaken: (place: ByteString) => boolean): ByteString => {
    for (let n = 1; ; n++) {
      const base = numbered(n);
      const place = `${base}/${path}`;
      if (
        makeDirectories(home, `rescued/${base.slice(base.lastIndexOf('/') + 1)}/${parentOf(path)}`) &&
        !isTaken(place)
      )
        return place;
    }
  };

  /** Where something is kept already, or can be. */
  const placeFor = (path: BytePath, isIt: (there: FileStat, taken: ByteString) => boolean) => {
    let done = false;
    const place = freePlace(path, (taken) => {
      const there = lstat(taken);
      done = there !== undefined && !isDirectory(there) && isIt(there, taken);
      return there !== undefined && !done;
    });
    return { place, done };
  };

  return {
    moveAside(from, path) {
      const place = freePlace(path, (taken) => lstat(taken) !== undefined);
      try {
        renameSync(at(from), at(place));
      } catch (error) {
        // Whoever put it there has taken it away.
        if (isSystemError(error, 'ENOENT') && lstat(from) === undefined) return;
        if (!isSystemError(error, 'EXDEV')) throw error;
        linkOrCopyTree(from, place);
        sync(parentOf(place));
        removeTree(from);
      }
      sync(parentOf(place));
    },
    keep(from, path) {
      const stat = lstat(from);
      if (stat === undefined || !(hasContent(stat) || isDirectory(stat))) return undefined;
      const { place, done } = placeFor(path, (there, taken) => isSameFile(there, stat) || sameBytes(from, taken));
      try {
        if (!done) linkOrCopyTree(from, place);
      } catch (error) {
        // Whoever wrote it has taken it away, or given it another name.
        if (!isSystemError(error, 'ENOENT') || lstat(from) !== undefined) throw error;
      }
      sync(parentOf(place));
      return lstat(place);
    },
    keepOpen(from, path) {
      const stat = lstat(from);
      if (stat === undefined) return true;
      const { place, done } = placeFor(path, (there) => isSameFile(there, stat));
      if (!done && !linkOnly(from, place)) return false;
      sync(parentOf(place));
      return true;
    },
    takeWhole(from) {
      makeDirectories(home, 'rescued');
      let n = 1;
      while (lstat(numbered(n)) !== undefined) n++;
      try {
        renameSync(at(from), at(numbered(n)));
      } catch (error) {
        if (isSystemError(error, 'EXDEV')) return undefined;
        throw error;
      }
      sync(dirOf(shelf));
      return numbered(n);
    },
    list() {
      const found: { path: BytePath; keptAs: ByteString; key: string }[] = [];
      for (let n = 1; isDirectory(lstat(numbered(n))); n++) {
        walkFiles(numbered(n), (keptAs, path, stat) => found.push({ path, keptAs, key: fileKey(stat) }));
      }
      const writers = writersOf(new Set(found.map(({ key }) => key)));
      return found.map(({ path, keptAs, key }) => ({ path, keptAs, programs: writers.get(key) ?? [] }));
    },
  };
}

/** Makes the directories of `path` below `base`, one by one; false where something else stands in their way. */
function makeDirectories(base: ByteString, path: ByteString): boolean {
  let dir = base;
  for (const name of path.split('/').filter((part) => part !== '')) {
    dir = `${dir}/${name}`;
    const stat = lstat(dir);
    if (stat === undefined) mkdirSync(at(dir), 0o700);
    else if (!isDirectory(stat)) return false;
  }
  return true;
}
