import { existsSync, mkdirSync } from 'node:fs';
import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Journal } from '../../core/rollback/journal.ts';
import { parseJournal } from '../../core/rollback/parse-journal.ts';
import type { ArmedReplacement, DirectoryLock, DirectoryReplacer, StageRequest } from '../../core/rollback/port.ts';
import type { ReleaseJournal } from '../../core/rollback/release-journal.ts';
import type { ReleaseLayout } from '../../core/rollback/releases.ts';
import { nativePath } from '../native-path.ts';
import { armedRelease } from '../releases/armed-release.ts';
import { liveDirectory } from '../releases/live-directory.ts';
import { pruneReleases } from '../releases/prune-releases.ts';
import { sweepReleases } from '../releases/releases-directory.ts';
import { stageRelease } from '../releases/stage-release.ts';
import { armedReplacement } from './armed-replacement.ts';
import { lookAgain } from './check-directory.ts';
import { at, readIfThere } from './disk.ts';
import { explaining } from './explain.ts';
import { takeLock } from './lock.ts';
import { lockState } from './lock-state.ts';
import { openRescue } from './rescue.ts';
import { stageInPlace } from './stage-in-place.ts';
import { journalFile, type Places, removeStagingArea } from './staging-area.ts';
import { withHolder } from './with-holder.ts';

/**
 * Replaces the content of a directory by renames, with a journal in the git directory: of what differs, in place, or of
 * the link that says which release is live. What was begun in the one layout is ended in it, whatever is asked for since.
 *
 * @param options.gitDir - absolute; the working tree's own git directory, not the common one
 * @param options.root - absolute path of the set's directory, which need not exist
 * @param options.releases - for the layout of releases
 * @param options.onMove - see {@link Places}
 */
export function openDirectoryReplacer({
  gitDir,
  set,
  root,
  releases,
  onMove,
}: {
  gitDir: ByteString;
  set: string;
  root: ByteString;
  releases?: ReleaseLayout | undefined;
  onMove?: Places['onMove'];
}): DirectoryReplacer {
  const places: Places = { home: `${gitDir}/snapshot`, set, root, onMove };
  return {
    unfinished: () => explaining('unfinished', () => withHolder(() => readJournal(places), { gitDir, set })),
    holder: () => {
      const lock = lockState(gitDir, set);
      return lock.state === 'held' ? lock.holder : undefined;
    },
    lock: () =>
      explaining('conflict', () => {
        mkdirSync(at(places.home), { recursive: true });
        const release = takeLock(`${places.home}/${set}.lock`, set);
        return directoryLock(places, { releases, release });
      }),
  };
}

function directoryLock(
  places: Places,
  { releases, release }: { releases: ReleaseLayout | undefined; release: () => void },
): DirectoryLock {
  return {
    pending: () =>
      explaining('unfinished', (): ArmedReplacement | undefined => {
        const journal = readJournal(places);
        if (journal !== undefined)
          return 'release' in journal ? armedRelease(places, journal) : armedReplacement(places, journal);
        removeStagingArea(places);
        if (releases !== undefined) sweepReleases(places);
        return undefined;
      }),
    changedSince: (plan) =>
      explaining('conflict', () => {
        const directory =
          releases === undefined ? places.root : (liveDirectory(places.root, true)?.path ?? places.root);
        return lookAgain(directory, plan).changed;
      }),
    clearUp: (operation) =>
      explaining('conflict', () => {
        if (releases === undefined) return { files: [], stays: [] };
        const rescue = openRescue(places.home, operation);
        const stays = pruneReleases(places, { operation, keep: releases.keep }, rescue);
        return { files: rescue.list(), stays };
      }),
    mustConvert: () => {
      const live = releases && liveDirectory(places.root, true);
      return live !== undefined && live.release === undefined;
    },
    stage: (request) =>
      explaining('conflict', () => {
        refusePending(places);
        refuseConflicts(request.plan);
        return releases === undefined ? stageInPlace(places, request) : stageRelease(places, request, releases);
      }),
    release: () => explaining('conflict', release),
  };
}

function refusePending(places: Places): void {
  if (readJournal(places) === undefined) return;
  throw new SnapshotError('unfinished', `a rollback of set '${places.set}' is unfinished`, {
    hint: 'Run "git rollback --continue" or "git rollback --abort".',
  });
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

function readJournal(places: Places): Journal | ReleaseJournal | undefined {
  const file = journalFile(places);
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  const journal = parseJournal(text, displayBytes(file));
  if (journal.root === places.root && journal.set === places.set) return journal;
  const now = `now the set's directory is '${displayBytes(places.root)}'`;
  throw new SnapshotError('unfinished', `a rollback was begun in '${displayBytes(journal.root)}' and is unfinished`, {
    hint: existsSync(nativePath(journal.root))
      ? `Take it back with "git rollback --abort"; to finish it, change the policy's path back first: ${now}.`
      : `Move the repository back there: ${now}.`,
  });
}
