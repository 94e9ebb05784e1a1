import { readlinkSync, statSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import type { FileStat } from '../../core/workdir.ts';
import { errorCode } from '../file-stat.ts';
import { isToWrite, nameProcess, openFiles, otherProcesses, sharedMaps } from './proc.ts';

/** What tells a file from all others, whatever its names. */
export function fileKey({ dev, ino }: Pick<FileStat, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`;
}

/**
 * The programs that have one of these files open to write to it, whatever it is called by now, or in memory so. Linux shows
 * those of the same user, and all of them to root; elsewhere none are seen.
 *
 * @param files - by {@link fileKey}
 * @returns by the same, each program as `name (process id)`
 */
export function writersOf(files: ReadonlySet<string>): ReadonlyMap<string, readonly ByteString[]> {
  const found = new Map<string, ByteString[]>();
  if (files.size === 0) return found;
  // The system's list of what is in memory may give a file another device than stat(2) does.
  const byNumber = new Map([...files].map((key) => [key.slice(key.indexOf(':') + 1), key]));
  for (const place of otherProcesses()) {
    const written = new Set<string>();
    for (const link of openFiles(place)) {
      const key = keyOf(link);
      if (key !== undefined && files.has(key) && isToWrite(link)) written.add(key);
    }
    for (const { ino } of sharedMaps(place)) {
      const key = byNumber.get(String(ino));
      if (key !== undefined) written.add(key);
    }
    for (const key of written) found.set(key, [...(found.get(key) ?? []), nameProcess(place)]);
  }
  return found;
}

/** Of what a process has open; undefined where that is no file. */
function keyOf(link: string): string | undefined {
  try {
    const target = readlinkSync(link, { encoding: 'latin1' });
    if (!target.startsWith('/') || target.startsWith('/dev/') || target.startsWith('/proc/')) return undefined;
    return fileKey(statSync(link));
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}
