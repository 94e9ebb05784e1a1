import { renameSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import { headerOf } from '../../core/rollback/journal.ts';
import type { AppliedReplacement, ArmedReplacement, Rescued } from '../../core/rollback/port.ts';
import type { ReleaseJournal } from '../../core/rollback/release-journal.ts';
import { releasesPath } from '../../core/rollback/releases.ts';
import { programsAt } from '../programs/programs-at.ts';
import { at, dirOf, isDirectory, isSystemError, lstat, removeDurably, removeIfEmpty, sync } from '../replace/disk.ts';
import { explaining } from '../replace/explain.ts';
import { isOlder, sameContent } from '../replace/marks.ts';
import { openRescue, type Rescue } from '../replace/rescue.ts';
import { journalFile, type Places, removeStagingArea } from '../replace/staging-area.ts';
import { pruneReleases } from './prune-releases.ts';
import { readRecord, removeRecord } from './records.ts';
import { clearRoot, leavingDirectory, linkedName, linkTo, releaseDirectory } from './release-link.ts';
import { sweepQuietly } from './releases-directory.ts';
import { retireRelease } from './retire-release.ts';
import { keepWritten } from './written-since.ts';

/** A switch of releases whose journal is written, now or by a process that is no more. */
export function armedRelease(places: Places, journal: ReleaseJournal): ArmedReplacement {
  const rescue = openRescue(places.home, journal.operation);
  const header = headerOf(journal);
  const revert = async () =>
    explaining('unfinished', () => {
      goBack(journal, rescue);
      return forgetNew(places, journal, rescue);
    });
  const applied: AppliedReplacement = {
    journal: header,
    stillAsPut: () => explaining('unfinished', () => stillAsPut(places, journal)),
    programsAt: (paths) => programsAt(releaseDirectory(journal.root, journal.release), paths),
    finish: () =>
      explaining('unfinished', () => {
        places.onMove?.();
        return finish(places, journal, rescue);
      }),
    revert,
  };
  return {
    journal: header,
    apply: async (progress) =>
      explaining('unfinished', () => {
        goForth(journal, rescue, places.onMove);
        progress?.(1, 1);
        return applied;
      }),
    revert,
  };
}

// What to do is read from the disk each time, never from a note of what was done. So each of these can be stopped
// anywhere, repeated, and turned round.

function goForth(journal: ReleaseJournal, rescue: Rescue, onMove: Places['onMove']): void {
  const { root, staging, release, was } = journal;
  const releases = releasesPath(root);
  requireReleases(releases);
  onMove?.();
  nameRelease(journal);
  onMove?.();
  if (was.kind === 'directory' && isDirectory(lstat(root))) {
    const first = releaseDirectory(root, was.release);
    // From here on nothing is at the path until the link is there: two names cannot be exchanged by node.
    if (lstat(first) === undefined) renameSync(at(root), at(first));
  }
  onMove?.();
  linkTo(root, release, { temporary: linkName(staging), rescue });
  onMove?.();
  sync(releases);
  sync(dirOf(root));
}

function goBack(journal: ReleaseJournal, rescue: Rescue): void {
  const { root, staging, release, was } = journal;
  if (was.kind === 'release') {
    if (!isDirectory(lstat(releaseDirectory(root, was.release)))) throw gone(releaseDirectory(root, was.release));
    linkTo(root, was.release, { temporary: linkName(staging), rescue });
  } else if (was.kind === 'directory') {
    const first = releaseDirectory(root, was.release);
    if (lstat(first) !== undefined) {
      clearRoot(root, rescue, { linkMayStay: false });
      renameSync(at(first), at(root));
    } else if (!isDirectory(lstat(root))) throw gone(first);
  } else if (linkedName(root) === release) clearRoot(root, rescue, { linkMayStay: false });
  if (isDirectory(lstat(releasesPath(root)))) sync(releasesPath(root));
  sync(dirOf(root));
}

/** The new release has its final name from here on. */
function nameRelease(journal: ReleaseJournal): void {
  const { root, release } = journal;
  const named = releaseDirectory(root, release);
  const directory = placesOfNew(journal).find((place) => isDirectory(lstat(place)));
  if (directory === undefined) throw gone(named);
  if (directory === named) return;
  renameSync(at(directory), at(named));
  // Before the link says so.
  sync(releasesPath(root));
}

/** Where the new release may be: it has its name, or lost that again when it was taken back, or did not get it yet. */
function placesOfNew({ root, operation, release, staging }: ReleaseJournal): ByteString[] {
  return [releaseDirectory(root, release), leavingDirectory(root, operation, release), staging];
}

function finish(places: Places, journal: ReleaseJournal, rescue: Rescue): Rescued {
  const { root, release, was } = journal;
  const record = was.kind === 'nothing' ? undefined : readRecord(places, was.release);
  if (was.kind !== 'nothing' && record !== undefined) {
    const beside = releaseDirectory(root, release);
    keepWritten(releaseDirectory(root, was.release), { record, beside, rescue, readAll: false });
  }
  removeDurably(journalFile(places));
  const stays = pruneReleases(places, journal, rescue);
  clearUp(places);
  return { files: rescue.list(), stays };
}

/** The old state is back: the new release goes, save what programs wrote in it. */
function forgetNew(places: Places, journal: ReleaseJournal, rescue: Rescue): Rescued {
  const { root, operation, release, was, madeDirs } = journal;
  const record = readRecord(places, release);
  const directory = placesOfNew(journal).find((place) => isDirectory(lstat(place)));
  const beside = was.kind === 'release' ? releaseDirectory(root, was.release) : root;
  const leaving = leavingDirectory(root, operation, release);
  const remove =
    record && directory && retireRelease(places, { name: release, directory, record, beside, rescue }, leaving);
  removeDurably(journalFile(places));
  if (was.kind === 'directory') removeRecord(places, was.release);
  if (directory === undefined) removeRecord(places, release);
  const stays = remove && removeQuietly(remove);
  clearUp(places);
  for (const dir of [...madeDirs].reverse()) if (!removeIfEmpty(dir)) break;
  return { files: rescue.list(), stays: stays ? [stays] : [] };
}

/** What cannot be removed now goes with the next switch. */
function removeQuietly<T>(remove: () => T): T | undefined {
  try {
    return remove();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return undefined;
  }
}

/** The journal is gone, so all is settled. What cannot be removed now, the next command removes, and complains. */
function clearUp(places: Places): void {
  try {
    removeStagingArea(places);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
  sweepQuietly(places);
}

function stillAsPut(places: Places, { root, release, stagedBefore }: ReleaseJournal): Map<BytePath, 'whole'> {
  const found = new Map<BytePath, 'whole'>();
  for (const [path, { mark }] of readRecord(places, release)?.content ?? []) {
    const stat = lstat(`${releaseDirectory(root, release)}/${path}`);
    if (stat !== undefined && sameContent(mark, stat) && isOlder(stat, stagedBefore)) found.set(path, 'whole');
  }
  return found;
}

/** The link is made under a name that {@link sweepReleases} would remove. */
function linkName(staging: ByteString): ByteString {
  return `${staging}-link`;
}

function requireReleases(releases: ByteString): void {
  if (!isDirectory(lstat(releases))) throw gone(releases);
}

function gone(path: ByteString): SnapshotError {
  return new SnapshotError('unfinished', `'${path}' is no longer there`, {
    hint: 'Something else moved it. Put it back, then run the command again.',
  });
}
