import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { hintToWait, type LockHolder, runningText } from '../../core/rollback/lock-holder.ts';
import { quoteForShell } from '../../core/shell-words.ts';

/**
 * What every command that would change the directory says while a rollback is unfinished.
 *
 * @param unfinished.heldBy - who is at work on it: then there is nothing to do but to wait
 * @param unfinished.directory - the other working tree that it is in; undefined for this one
 */
export function unfinishedError(unfinished: {
  set: string;
  heldBy?: LockHolder | undefined;
  directory?: ByteString | undefined;
}): SnapshotError {
  const { set, heldBy, directory } = unfinished;
  const where = directory === undefined ? '' : ` in the working tree '${displayBytes(directory)}'`;
  const what = `a rollback of the set '${set}'${where}`;
  if (heldBy !== undefined)
    return new SnapshotError('unfinished', `${what} ${runningText(heldBy)}`, { hint: hintToWait(heldBy) });
  const git = directory === undefined ? 'git' : `git -C ${quoteForShell(displayBytes(directory))}`;
  return new SnapshotError('unfinished', `${what} has begun and not ended`, {
    hint: `Run "${git} rollback --continue" to finish it, or "${git} rollback --abort" to go back to how it was.`,
  });
}
