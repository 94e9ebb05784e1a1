import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { isDirectory, isSystemError, lstat } from '../replace/disk.ts';
import { isSameInLive } from './written-since.ts';

/**
 * The programs that are at work in a directory: that are in it, or have something open there to write to. Whatever of it is
 * removed, what they write would go with it. Linux shows those of the same user, and all of them to root; elsewhere none
 * are seen. This program does not count.
 *
 * @param directory - absolute path of a release
 * @param beside - the directory that is live: a file that is there too is not lost
 * @returns each as `name (process id)`
 */
export function programsIn(directory: ByteString, beside: ByteString): string[] {
  const pids = namesIn('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return pids
    .filter((pid) => isAtWork(`/proc/${pid}`, { directory, beside }))
    .map((pid) => `${readText(`/proc/${pid}/comm`)?.trim() ?? '?'} (${pid})`);
}

interface Place {
  readonly directory: ByteString;
  readonly beside: ByteString;
}

/** @param process - its directory in /proc */
function isAtWork(process: string, { directory, beside }: Place): boolean {
  if (['cwd', 'root'].some((link) => placeOf(`${process}/${link}`, directory) !== undefined)) return true;
  const isLost = (path: ByteString) => {
    const stat = lstat(`${directory}/${path}`);
    return stat !== undefined && !isSameInLive(path, stat, beside);
  };
  for (const fd of namesIn(`${process}/fd`)) {
    const path = placeOf(`${process}/fd/${fd}`, directory);
    if (path === undefined) continue;
    if (path === '' || isDirectory(lstat(`${directory}/${path}`))) return true;
    if (isToWrite(`${process}/fdinfo/${fd}`) && isLost(path)) return true;
  }
  return sharedMaps(process, directory).some(isLost);
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

/** Whether a file was opened to write to it, by its /proc/<pid>/fdinfo/<fd>: proc(5). */
function isToWrite(info: string): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(readText(info) ?? '')?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & 3) !== 0;
}

/** The files of a directory that a process has in memory so that what it writes there is written to them. */
function sharedMaps(process: string, directory: ByteString): ByteString[] {
  const maps = readText(`${process}/maps`) ?? '';
  return maps.split('\n').flatMap((line) => {
    // address, permissions, offset, device, inode, path: proc(5).
    const [, path] = /^\S+ .w.s \S+ \S+ \S+ +(.*)$/.exec(line) ?? [];
    const below = path === undefined ? undefined : pathBelow(path, directory);
    return below === undefined ? [] : [below];
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [];
  }
}

function readText(file: string): ByteString | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return undefined;
  }
}
