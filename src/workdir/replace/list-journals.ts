import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { parseJournal } from '../../core/rollback/parse-journal.ts';
import type { ReleaseLayout } from '../../core/rollback/releases.ts';
import { isSystemError, namesIn, readIfThere } from './disk.ts';
import { explaining } from './explain.ts';

const SUFFIX = '.journal';

/**
 * The replacements in this git directory that were begun and neither finished nor undone.
 *
 * @param gitDir - absolute
 * @returns each one's set, the absolute path of its directory, and its layout where that is one of releases
 * @throws {SnapshotError} of kind `unfinished` if a journal cannot be read
 */
export function listJournals(
  gitDir: ByteString,
): { set: string; root: ByteString; releases: ReleaseLayout | undefined }[] {
  return explaining('unfinished', () => {
    const home = `${gitDir}/snapshot/replace`;
    return namesOrNone(home)
      .filter((name) => name.endsWith(SUFFIX))
      .flatMap((name) => {
        const file = `${home}/${name}`;
        const text = readIfThere(file);
        if (text === undefined) return [];
        const journal = parseJournal(text, displayBytes(file));
        const { set, root } = journal;
        return [{ set, root, releases: 'release' in journal ? { keep: journal.keep } : undefined }];
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
