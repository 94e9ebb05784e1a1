import { SnapshotError } from '../../core/errors.ts';

/** What every command that would change the directory says while a rollback is unfinished. */
export function unfinishedError(set: string): SnapshotError {
  return new SnapshotError('unfinished', `a rollback of the set '${set}' has begun and not ended`, {
    hint: 'If no other process is at it: run "git rollback --continue" to finish it, or "git rollback --abort" to go back to how it was.',
  });
}
