import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import type { LockHolder } from '../../core/rollback/lock-holder.ts';
import { parseJournal } from '../../core/rollback/parse-journal.ts';
import type { ReleaseLayout } from '../../core/rollback/releases.ts';
import { isSystemError, namesIn, readIfThere } from './disk.ts';
import { explaining } from './explain.ts';
import { withHolder } from './with-holder.ts';

const SUFFIX = '.journal';

interface ListedJournal {
  readonly set: string;
  /** Absolute path of its directory. */
  readonly root: ByteString;
  /** Where its layout is one of releases. */
  readonly releases: ReleaseLayout | undefined;
  /** Who is at work on it. */
  readonly heldBy: LockHolder | undefined;
}

/**
 * The replacements in this git directory that were begun and neither finished nor undone.
 *
 * @param gitDir - absolute
 * @throws {SnapshotError} of kind `unfinished` if a journal cannot be read
 */
export function listJournals(gitDir: ByteString): ListedJournal[] {
  return explaining('unfinished', () => {
    const home = `${gitDir}/snapshot/replace`;
    return namesOrNone(home)
      .filter((name) => name.endsWith(SUFFIX))
      .flatMap((name) => {
        const file = `${home}/${name}`;
        const read = () => {
          const text = readIfThere(file);
          return text === undefined ? undefined : parseJournal(text, displayBytes(file));
        };
        const journal = withHolder(read, { gitDir, set: name.slice(0, -SUFFIX.length) });
        if (journal === undefined) return [];
        const { set, root, heldBy } = journal;
        return [{ set, root, releases: 'release' in journal ? { keep: journal.keep } : undefined, heldBy }];
      });
  });
}

function namesOrNone(directory: ByteString): ByteString[] {
  try {
    return namesIn(directory);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}
