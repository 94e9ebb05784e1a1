import type { ByteString } from '../../core/byte-string.ts';
import type { JournalHeader } from '../../core/rollback/journal.ts';
import type { LockHolder } from '../../core/rollback/lock-holder.ts';
import { lockState } from './lock-state.ts';

/**
 * A journal, if there is one, with who is at work on it.
 *
 * Whoever ends a replacement removes its journal before the lock. So a journal that seems to be nobody's is looked for
 * again: only one that is still there was left behind.
 *
 * @param gitDir - absolute
 */
export function withHolder<J extends JournalHeader>(
  read: () => J | undefined,
  { gitDir, set }: { gitDir: ByteString; set: string },
): (J & { readonly heldBy: LockHolder | undefined }) | undefined {
  const journal = read();
  if (journal === undefined) return undefined;
  const lock = lockState(gitDir, set);
  if (lock.state === 'held') return { ...journal, heldBy: lock.holder };
  if (read()?.operation === journal.operation) return { ...journal, heldBy: undefined };
  return withHolder(read, { gitDir, set });
}
