import { readdirSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { errorCode } from '../file-stat.ts';
import { nativePath } from '../native-path.ts';

/** Whether nothing is in a directory. False where it cannot be read: the scan, which is next, says why. */
export function isEmpty(directory: ByteString): boolean {
  try {
    return readdirSync(nativePath(directory)).length === 0;
  } catch (error) {
    if (errorCode(error) !== undefined) return false;
    throw error;
  }
}
