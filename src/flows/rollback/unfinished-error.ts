import { SnapshotError } from '../../core/errors.ts';
import { hintToWait, type LockHolder, runningText } from '../../core/rollback/lock-holder.ts';

/**
 * What every command that would change the directory says while a rollback is unfinished.
 *
 * @param heldBy - who is at work on it: then there is nothing to do but to wait
 */
export function unfinishedError({ set, heldBy }: { set: string; heldBy?: LockHolder | undefined }): SnapshotError {
  if (heldBy !== undefined) {
    return new SnapshotError('unfinished', `a rollback of the set '${set}' ${runningText(heldBy)}`, {
      hint: hintToWait(heldBy),
    });
  }
  return new SnapshotError('unfinished', `a rollback of the set '${set}' has begun and not ended`, {
    hint: 'Run "git rollback --continue" to finish it, or "git rollback --abort" to go back to how it was.',
  });
}
