import { closeSync, fsyncSync, openSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { fileError, isSystemError } from './file-error.ts';
import { fsPath } from './fs-path.ts';

/**
 * Makes the names in a directory durable. File systems that cannot do that for a directory are left as they are.
 *
 * @throws {SnapshotError} where the disk fails
 */
export function syncDirectory(path: ByteString, { mayBeGone = false } = {}): void {
  let descriptor: number;
  try {
    descriptor = openSync(fsPath(path), 'r');
  } catch (error) {
    if (mayBeGone && isSystemError(error, 'ENOENT', 'ENOTDIR')) return;
    throw error;
  }
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if (!isSystemError(error, 'EINVAL', 'ENOTSUP', 'EPERM')) throw fileError(error, 'write', path);
  } finally {
    closeSync(descriptor);
  }
}
