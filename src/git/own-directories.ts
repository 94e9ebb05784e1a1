import { type Dirent, lstatSync, readdirSync, statSync } from 'node:fs';
import { type ByteString, displayBytes } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import { quoteForShell } from '../core/shell-words.ts';
import { fileError, isSystemError } from './files/file-error.ts';
import { fsPath } from './files/fs-path.ts';

/** How deep directories are ours: `cache/<set>` is, and what is below `rescued/<operation>` is the user's, links and all. */
const DEPTH = 2;

/**
 * Refuses a git directory in which a directory of this program's is a link to another. It makes none there; but it removes what is
 * of no more use to it, and a repository may have come as a gift: as an archive, from the cache of a CI system, on a shared disk.
 *
 * @param gitDir - absolute
 * @throws {SnapshotError} of kind `untrusted`, and `config` where something else has the place of the directory
 */
export function requireOwnDirectories(gitDir: ByteString): void {
  const home = `${gitDir}/snapshot`;
  const there = lstatSync(fsPath(home), { throwIfNoEntry: false });
  if (there?.isSymbolicLink() === true) refuseIfDirectory(home);
  else if (there?.isDirectory() === false)
    throw new SnapshotError('config', `'${displayBytes(home)}' is not a directory`, {
      hint: 'Move it away: git-snapshot keeps what it remembers there, and makes it anew.',
    });
  refuseLinksIn(home, DEPTH);
}

function refuseLinksIn(directory: ByteString, depth: number): void {
  for (const entry of entriesOf(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isSymbolicLink()) refuseIfDirectory(path);
    if (depth > 1 && entry.isDirectory()) refuseLinksIn(path, depth - 1);
  }
}

function entriesOf(directory: ByteString): Dirent[] {
  try {
    return readdirSync(fsPath(directory), { withFileTypes: true, encoding: 'latin1' });
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw fileError(error, 'read', directory);
  }
}

function refuseIfDirectory(link: ByteString): void {
  try {
    if (!statSync(fsPath(link)).isDirectory()) return;
  } catch (error) {
    // It leads nowhere.
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return;
    throw fileError(error, 'read', link);
  }
  const shown = displayBytes(link);
  throw new SnapshotError('untrusted', `'${shown}' is a link to a directory, and git-snapshot makes none there`, {
    hint: `Nothing was read or changed. Find out who made it; then run "rm ${quoteForShell(shown)}".`,
  });
}
