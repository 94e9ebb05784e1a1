import { statfsSync } from 'node:fs';
import type { ByteString } from '../core/byte-string.ts';
import { errorCode } from './file-stat.ts';
import { nativePath } from './native-path.ts';

/** Bytes that this user may still write where a path is or would be. @param path - absolute */
export function freeBytes(path: ByteString): number {
  try {
    const { bavail, bsize } = statfsSync(nativePath(path));
    return bavail * bsize;
  } catch (error) {
    const above = path.slice(0, path.lastIndexOf('/'));
    if (errorCode(error) !== 'ENOENT' || above === '') throw error;
    return freeBytes(above);
  }
}

const MIB = 1 << 20;

/** What is needed, and the less that is free, for people: rounded away from each other, so that one never reads as the other. */
export function shortage(neededBytes: number, freeBytes: number): { needed: string; free: string } {
  return { needed: `${Math.ceil(neededBytes / MIB)} MiB`, free: `${Math.floor(freeBytes / MIB)} MiB` };
}
