import { spawnSync } from 'node:child_process';
import type { ByteString } from '../../core/byte-string.ts';

/** From so many files on, one flush of the whole file system takes less time than that of each file. */
export const MANY_FILES = 200;

/**
 * Makes everything durable that was written to the file system of a directory. Node has no `syncfs`; `sync -f` of GNU and of
 * most BusyBoxes has, on Linux, where it waits for the disk and tells of errors.
 *
 * @returns false where it could not be done, or failed: every file has to be synced by itself then
 */
export function syncFileSystem(directory: ByteString): boolean {
  if (process.platform !== 'linux') return false;
  const cwd = Buffer.from(directory, 'latin1').toString();
  return spawnSync('sync', ['-f', '.'], { cwd, stdio: 'ignore' }).status === 0;
}
