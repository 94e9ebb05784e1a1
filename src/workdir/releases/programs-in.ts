import { readlinkSync, statSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { ancestorsOfThis, isToWrite, nameProcess, openFiles, otherProcesses, sharedMaps } from '../programs/proc.ts';
import { isDirectory, isSystemError, lstat } from '../replace/disk.ts';
import { isSameInLive } from './written-since.ts';

/**
 * The programs that are at work in a directory: that are in it, or have something open there to write to. Whatever of it is
 * removed, what they write would go with it. Linux shows those of the same user, and all of them to root; elsewhere none
 * are seen. This program does not count.
 *
 * @param directory - absolute path of a release
 * @param beside - the directory that is live, if that is another: a file that is there too is not lost
 * @returns each as `name (process id)`
 */
export function programsIn(directory: ByteString, beside: ByteString | undefined): string[] {
  return placesAtWork({ directory, beside }).map(nameProcess);
}

/** As {@link programsIn} says, but for those that started this program: somebody's shell may be in the directory. */
export function othersIn(directory: ByteString): string[] {
  const ours = ancestorsOfThis();
  return placesAtWork({ directory, beside: undefined })
    .filter((place) => !ours.has(place))
    .map(nameProcess);
}

function placesAtWork(place: Place): string[] {
  return otherProcesses().filter((process) => isAtWork(process, place));
}

interface Place {
  readonly directory: ByteString;
  readonly beside: ByteString | undefined;
}

/** @param process - its directory in /proc */
function isAtWork(process: string, { directory, beside }: Place): boolean {
  if (['cwd', 'root'].some((link) => placeOf(`${process}/${link}`, directory) !== undefined)) return true;
  const isLost = (path: ByteString) => {
    const stat = lstat(`${directory}/${path}`);
    return stat !== undefined && (beside === undefined || !isSameInLive(path, stat, beside));
  };
  for (const link of openFiles(process)) {
    const path = placeOf(link, directory);
    if (path === undefined) continue;
    if (path === '' || isDirectory(lstat(`${directory}/${path}`))) return true;
    if (isToWrite(link) && isLost(path)) return true;
  }
  return sharedMaps(process).some(({ path }) => {
    const below = pathBelow(path, directory);
    return below !== undefined && isLost(below);
  });
}

/**
 * Where in the directory a link of /proc leads. A program in a container sees the directory by another path, of which the
 * end is the same.
 *
 * @returns `''` for the directory itself; undefined: elsewhere, or it cannot be seen
 */
function placeOf(link: string, directory: ByteString): ByteString | undefined {
  try {
    const path = pathBelow(readlinkSync(link, { encoding: 'latin1' }), directory);
    const here = path === undefined ? undefined : lstat(path === '' ? directory : `${directory}/${path}`);
    if (here === undefined) return undefined;
    const there = statSync(link);
    return there.ino === here.ino && there.dev === here.dev ? path : undefined;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return undefined;
  }
}

/** What of a path is below a directory that is called as this one is, and that is in one called as that which this is in. */
function pathBelow(target: ByteString, directory: ByteString): ByteString | undefined {
  const end = `/${directory.split('/').slice(-2).join('/')}/`;
  const found = `${target}/`.indexOf(end);
  return found === -1 ? undefined : target.slice(found + end.length);
}
