import { mkdirSync } from 'node:fs';
import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Journal } from '../../core/rollback/journal.ts';
import { parseJournal } from '../../core/rollback/parse-journal.ts';
import type {
  ArmedReplacement,
  DirectoryLock,
  DirectoryReplacer,
  StagedReplacement,
  StageRequest,
} from '../../core/rollback/port.ts';
import { writeJournal } from './arm.ts';
import { armedReplacement } from './armed-replacement.ts';
import { checkMounts } from './check-directory.ts';
import { at, isSystemError, readIfThere, removeIfThere } from './disk.ts';
import { explaining } from './explain.ts';
import { takeLock } from './lock.ts';
import { checkSpace, makeDirectories, stagingWork } from './stage.ts';
import { journalFile, makeStagingArea, type Places, removeStagingArea } from './staging-area.ts';

/**
 * Replaces the content of a directory by renames, with a journal in the git directory.
 *
 * @param options.gitDir - absolute; the working tree's own git directory, not the common one
 * @param options.root - absolute path of the set's directory, which need not exist
 */
export function openDirectoryReplacer({
  gitDir,
  set,
  root,
}: {
  gitDir: ByteString;
  set: string;
  root: ByteString;
}): DirectoryReplacer {
  const places: Places = { home: `${gitDir}/snapshot`, set, root };
  return {
    unfinished: () => explaining('unfinished', () => readJournal(places)),
    lock: () =>
      explaining('conflict', () => {
        mkdirSync(at(places.home), { recursive: true });
        return directoryLock(places, takeLock(`${places.home}/${set}.lock`, set));
      }),
  };
}

function directoryLock(places: Places, release: () => void): DirectoryLock {
  return {
    pending: () =>
      explaining('unfinished', (): ArmedReplacement | undefined => {
        const journal = readJournal(places);
        if (journal !== undefined) return armedReplacement(places, journal);
        removeStagingArea(places);
        return undefined;
      }),
    stage: (request) => explaining('conflict', () => stage(places, request)),
    release: () => explaining('conflict', release),
  };
}

function stage(places: Places, { plan, operation }: StageRequest): StagedReplacement {
  if (readJournal(places) !== undefined) {
    throw new SnapshotError('unfinished', `a rollback of set '${places.set}' is unfinished`, {
      hint: 'Run "git rollback --continue" or "git rollback --abort".',
    });
  }
  refuseConflicts(plan);
  checkMounts(places.root, plan);
  removeStagingArea(places);
  const staging = makeStagingArea(places, operation);
  const discard = () => {
    // A journal that could not be made durable may be there all the same. Nothing has been done by it yet.
    removeIfThere(journalFile(places));
    removeStagingArea(places);
  };
  const work = stagingWork(plan, staging);
  try {
    checkSpace(plan, staging);
    makeDirectories(work);
  } catch (error) {
    discardQuietly(discard);
    throw error;
  }
  return {
    blobs: work.blobs,
    arm: (header) =>
      explaining('conflict', () => {
        const { from, to, startedAtSec, context } = header;
        const whole = { operation, set: places.set, from, to, startedAtSec, context };
        return armedReplacement(places, writeJournal({ places, header: whole, plan, work, staging }));
      }),
    discard: () => explaining('conflict', discard),
  };
}

function refuseConflicts({ conflicts }: StageRequest['plan']): void {
  const [first] = conflicts;
  if (first === undefined) return;
  const { path, obstacle, reason } = first;
  const why = reason === 'excluded' ? 'is ignored, and is in its way' : 'is in its way, and was not asked for';
  const more = conflicts.length > 1 ? ` (and ${conflicts.length - 1} more such)` : '';
  throw new SnapshotError(
    'conflict',
    `cannot put back '${displayBytes(path)}': '${displayBytes(obstacle)}' ${why}${more}`,
    {
      hint: 'Move it away, then run the command again. Nothing was changed.',
    },
  );
}

/** Leaves the clearing up to the next command where it fails now: the error that came first is the one to report. */
function discardQuietly(discard: () => void): void {
  try {
    discard();
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

function readJournal(places: Places): Journal | undefined {
  const file = journalFile(places);
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  const journal = parseJournal(text, displayBytes(file));
  if (journal.root === places.root && journal.set === places.set) return journal;
  throw new SnapshotError('unfinished', `a rollback was begun in '${displayBytes(journal.root)}' and is unfinished`, {
    hint: `Move the repository back there, since the set's directory is now '${displayBytes(places.root)}'.`,
  });
}
