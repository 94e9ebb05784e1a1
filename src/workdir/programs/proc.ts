import { readdirSync, readFileSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { errorCode } from '../file-stat.ts';

// What Linux shows of processes: proc(5). Of the same user all of it, of others next to nothing, to root everything; elsewhere
// there are none. Whatever is gone by the time that it is asked for, or hidden, is as if it had never been.

/** The directories in /proc of all processes but this one. */
export function otherProcesses(): string[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => `/proc/${pid}`);
}

/** `name (process id)`. @param place - its directory in /proc */
export function nameProcess(place: string): ByteString {
  return `${readText(`${place}/comm`)?.trim() ?? '?'} (${place.slice('/proc/'.length)})`;
}

/** The directories in /proc of the processes that started this one, and of those that started them. */
export function ancestorsOfThis(): ReadonlySet<string> {
  const found = new Set<string>();
  for (let pid = String(process.ppid); pid !== '' && pid !== '0' && !found.has(`/proc/${pid}`); ) {
    found.add(`/proc/${pid}`);
    pid = /^PPid:\s*(\d+)$/m.exec(readText(`/proc/${pid}/status`) ?? '')?.[1] ?? '';
  }
  return found;
}

/** What a process has open: links that lead there. */
export function openFiles(place: string): string[] {
  return namesIn(`${place}/fd`).map((fd) => `${place}/fd/${fd}`);
}

/** Whether something was opened to write to it. @param link - of {@link openFiles} */
export function isToWrite(link: string): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(readText(link.replace('/fd/', '/fdinfo/')) ?? '')?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & 3) !== 0;
}

/** The files that a process has in memory so that what it writes there is written to them. */
export function sharedMaps(place: string): { path: ByteString; ino: number }[] {
  return (readText(`${place}/maps`) ?? '').split('\n').flatMap((line) => {
    // address, permissions, offset, device, inode, path.
    const [, ino, path] = /^\S+ .w.s \S+ \S+ (\d+) +(.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ path, ino: Number(ino) }];
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return [];
  }
}

function readText(file: string): ByteString | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}
