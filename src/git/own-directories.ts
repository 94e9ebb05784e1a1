import { type Dirent, lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { type ByteString, displayBytes } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import { quoteForShell } from '../core/shell-words.ts';
import { fileError, isSystemError } from './files/file-error.ts';
import { fsPath } from './files/fs-path.ts';

/** How deep all that is there is ours: what is below `rescued/<operation>` is the user's, and may be anything. */
const DEPTH = 2;
/** Where files of ours are deeper, in `cache/<set>`. */
const DEEPER: ReadonlySet<string> = new Set(['cache']);

/**
 * Refuses a git directory in which something has the place of a file or directory of this program's that is neither: it makes no
 * links there, nor what can be read for ever. But it removes what is of no more use to it, and reads what it remembers; and a
 * repository may have come as a gift: as an archive, from the cache of a CI system, on a shared disk.
 *
 * @param gitDir - absolute
 * @throws {SnapshotError} of kind `untrusted`, and `config` where something else has the place of the directory
 */
export function requireOwnDirectories(gitDir: ByteString): void {
  const home = `${gitDir}/snapshot`;
  const there = lstatSync(fsPath(home), { throwIfNoEntry: false });
  if (there?.isSymbolicLink() === true) refuseOddLink(home);
  else if (there?.isDirectory() === false)
    throw new SnapshotError('config', `'${displayBytes(home)}' is not a directory`, {
      hint: 'Move it away: git-snapshot keeps what it remembers there, and makes it anew.',
    });
  refuseOddIn(home, DEPTH);
}

function refuseOddIn(directory: ByteString, depth: number): void {
  for (const entry of entriesOf(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isSymbolicLink()) refuseOddLink(path);
    else if (!entry.isDirectory() && !entry.isFile()) throw oddThing(path, 'is neither a file nor a directory');
    else if (depth > 1 && entry.isDirectory()) refuseOddIn(path, depth - 1 + (DEEPER.has(entry.name) ? 1 : 0));
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

function refuseOddLink(link: ByteString): void {
  let stat: Stats;
  try {
    stat = statSync(fsPath(link));
  } catch (error) {
    // It leads nowhere.
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return;
    throw fileError(error, 'read', link);
  }
  if (!stat.isFile()) throw oddThing(link, stat.isDirectory() ? 'is a link to a directory' : 'is a link to no file');
}

function oddThing(path: ByteString, what: string): SnapshotError {
  const shown = displayBytes(path);
  return new SnapshotError('untrusted', `'${shown}' ${what}, and git-snapshot makes none there`, {
    hint: `Nothing was read or changed. Find out who made it; then run "rm ${quoteForShell(shown)}".`,
  });
}
