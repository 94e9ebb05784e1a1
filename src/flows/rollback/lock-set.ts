import { SnapshotError } from '../../core/errors.ts';
import type { DirectoryLock, DirectoryReplacer } from '../../core/rollback/port.ts';
import { unfinishedError } from './unfinished-error.ts';

/**
 * Takes the lock of a set's directory.
 *
 * @throws {SnapshotError} of kind `unfinished` while a rollback that has begun is at work; of kind `conflict` while anything else
 *   has the lock, as what prepares one
 */
export function lockSet(replacer: DirectoryReplacer): DirectoryLock {
  try {
    return replacer.lock();
  } catch (error) {
    const unfinished = error instanceof SnapshotError && error.kind === 'conflict' ? replacer.unfinished() : undefined;
    throw unfinished?.heldBy === undefined ? error : unfinishedError(unfinished);
  }
}
