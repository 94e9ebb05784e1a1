import { mkdirSync, renameSync, statfsSync } from 'node:fs';
import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { shortage } from '../free-bytes.ts';
import { at, isSystemError, lstat, namesIn, readIfThere, writeNewFile } from '../replace/disk.ts';
import { explaining } from '../replace/explain.ts';
import { isGone, type ProcessIdentity, parseIdentity, thisProcess } from '../replace/process-identity.ts';
import { removeTree } from '../replace/remove-tree.ts';

/** A directory of a rehearsal's own, below the git directory, until it is removed. */
export interface RehearsalPlace {
  /** Absolute path. */
  readonly directory: ByteString;
  remove(): void;
}

/** Says whose the place is: who finds it knows whether that process is still at work. */
const OWNER = 'owner';
/** How old a place without an owner must be to count as left behind: one that is just being made has none yet. */
const UNOWNED_SEC = 600;

/**
 * Makes a place, and removes those of processes that are gone.
 *
 * @param options.gitDir - absolute; on its file system the place will be
 * @param options.name - random
 * @param options.neededBytes - how much must be free there
 * @throws {SnapshotError} of kind `conflict` where there is not room enough
 */
export function makeRehearsalPlace({
  gitDir,
  name,
  neededBytes,
}: {
  readonly gitDir: ByteString;
  readonly name: string;
  readonly neededBytes: number;
}): RehearsalPlace {
  return explaining('conflict', () => {
    const home = `${gitDir}/snapshot/rehearsal`;
    mkdirSync(at(home), { recursive: true });
    removeAbandoned(home);
    checkRoom(home, neededBytes);
    const unowned = `${home}/${name}.new`;
    const directory = `${home}/${name}`;
    mkdirSync(at(unowned), 0o700);
    writeNewFile(`${unowned}/${OWNER}`, JSON.stringify(thisProcess()));
    renameSync(at(unowned), at(directory));
    return { directory, remove: () => explaining('conflict', () => removeTree(directory)) };
  });
}

function removeAbandoned(home: ByteString): void {
  for (const name of namesIn(home)) {
    const directory = `${home}/${name}`;
    const owner = readOwner(directory);
    if (owner === undefined ? isOld(directory) : isGone(owner)) removeQuietly(directory);
  }
}

/** Another rehearsal may be removing it, too. */
function removeQuietly(directory: ByteString): void {
  try {
    removeTree(directory);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}

function isOld(directory: ByteString): boolean {
  const stat = lstat(directory);
  return stat !== undefined && Date.now() / 1000 - stat.ctimeSec > UNOWNED_SEC;
}

function readOwner(directory: ByteString): ProcessIdentity | undefined {
  try {
    return parseIdentity(readIfThere(`${directory}/${OWNER}`) ?? '');
  } catch (error) {
    // No directory at all.
    if (!isSystemError(error, 'ENOTDIR', 'EISDIR')) throw error;
    return undefined;
  }
}

function checkRoom(home: ByteString, neededBytes: number): void {
  const { bavail, bsize } = statfsSync(at(home));
  const freeBytes = bavail * bsize;
  if (neededBytes <= freeBytes) return;
  const said = shortage(neededBytes, freeBytes);
  throw new SnapshotError(
    'conflict',
    `a rehearsal needs ${said.needed} in '${displayBytes(home)}', and only ${said.free} are free`,
    { hint: 'Free some disk space, then run the command again. Nothing was changed.' },
  );
}
