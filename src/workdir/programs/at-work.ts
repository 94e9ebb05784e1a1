import { readlinkSync, statSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { type BytePath, DIRECTORY, fileType } from '../../core/entry.ts';
import type { FileStat } from '../../core/workdir.ts';
import { errorCode, lstatIfThere } from '../file-stat.ts';
import { nativePath } from '../native-path.ts';
import { ancestorsOfThis, isToWrite, nameProcess, openFiles, otherProcesses, sharedMaps } from './proc.ts';

/** Whether what is written to a file of a directory is kept where nobody removes it. @param path - below the directory */
export type IsKept = (path: BytePath, stat: FileStat) => boolean;

/**
 * The programs that are at work in a directory: that are in it, or have something open there to write to. Whatever of it is
 * removed, what they write would go with it. Linux shows those of the same user, and all of them to root; elsewhere none
 * are seen. This program does not count.
 *
 * @param directory - absolute path
 * @returns each as `name (process id)`
 */
export function programsAtWork(directory: ByteString, isKept: IsKept): ByteString[] {
  return placesAtWork(directory, isKept).map(nameProcess);
}

/** As {@link programsAtWork} says, but for those that started this program: somebody's shell may be in the directory. */
export function othersAtWork(directory: ByteString): ByteString[] {
  const ours = ancestorsOfThis();
  return placesAtWork(directory, () => false)
    .filter((place) => !ours.has(place))
    .map(nameProcess);
}

function placesAtWork(directory: ByteString, isKept: IsKept): string[] {
  return otherProcesses().filter((process) => isAtWork(process, directory, isKept));
}

/** @param process - its directory in /proc */
function isAtWork(process: string, directory: ByteString, isKept: IsKept): boolean {
  if (['cwd', 'root'].some((link) => placeOf(`${process}/${link}`, directory) !== undefined)) return true;
  const isLost = (path: ByteString) => {
    const stat = lookAt(`${directory}/${path}`);
    return stat !== undefined && !isKept(path, stat);
  };
  for (const link of openFiles(process)) {
    const path = placeOf(link, directory);
    if (path === undefined) continue;
    if (path === '' || fileType(lookAt(`${directory}/${path}`)?.mode ?? 0) === DIRECTORY) return true;
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
    const here = path === undefined ? undefined : lookAt(path === '' ? directory : `${directory}/${path}`);
    if (here === undefined) return undefined;
    const there = statSync(link);
    return there.ino === here.ino && there.dev === here.dev ? path : undefined;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}

/** What of a path is below a directory that is called as this one is, and that is in one called as that which this is in. */
function pathBelow(target: ByteString, directory: ByteString): ByteString | undefined {
  const end = `/${directory.split('/').slice(-2).join('/')}/`;
  const found = `${target}/`.indexOf(end);
  return found === -1 ? undefined : target.slice(found + end.length);
}

function lookAt(path: ByteString): FileStat | undefined {
  return lstatIfThere(nativePath(path));
}
