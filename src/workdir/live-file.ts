import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import type { ByteString } from '../core/byte-string.ts';
import { nativePath } from './native-path.ts';

/**
 * Content of a file of the working directory; of a link, its target. Never follows a link.
 *
 * @param path - absolute
 * @returns undefined where it is larger than `maxBytes`
 */
export function readLiveFile(path: ByteString, maxBytes: number): ByteString | undefined {
  const native = nativePath(path);
  let descriptor: number;
  try {
    descriptor = openSync(native, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ELOOP')) throw error;
    return readlinkSync(native, { encoding: 'latin1' });
  }
  try {
    if (fstatSync(descriptor).size > maxBytes) return undefined;
    return readFileSync(descriptor).toString('latin1');
  } finally {
    closeSync(descriptor);
  }
}
