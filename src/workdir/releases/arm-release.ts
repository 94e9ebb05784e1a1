import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { ancestors } from '../../core/rollback/check-target.ts';
import type { FileMark, JournalHeader } from '../../core/rollback/journal.ts';
import { type FormerRoot, formatReleaseJournal, type ReleaseJournal } from '../../core/rollback/release-journal.ts';
import type { ReleaseRecord } from '../../core/rollback/release-record.ts';
import { nextRelease, releaseOfLeaving } from '../../core/rollback/releases.ts';
import { dirOf, lstat, writeDurably } from '../replace/disk.ts';
import { markOf } from '../replace/marks.ts';
import { syncAll, timeNow } from '../replace/stage.ts';
import { journalFile, type Places } from '../replace/staging-area.ts';
import { carryOver, copyDirectoryAttributes } from './carry-over.ts';
import { checkStaged } from './check-staged.ts';
import type { LiveDirectory } from './live-directory.ts';
import { lookAtLive } from './look-at-live.ts';
import { recordFile, writeRecord } from './records.ts';
import type { ReleaseWork } from './release-work.ts';
import { namesOfReleases } from './releases-directory.ts';

/**
 * Makes a new release whole and durable, reads it again, and writes the journal of the switch to it: the point from
 * which that is finished or undone.
 *
 * @param written - gets the path of each file that is to go again should the journal not come about
 * @throws {SnapshotError} of kind `conflict` if what was staged is not on the disk
 */
export function armRelease({
  places,
  header,
  work,
  keep,
  written,
}: {
  places: Places;
  header: JournalHeader;
  work: ReleaseWork;
  keep: number;
  written: ByteString[];
}): ReleaseJournal {
  const { staging, live, plan, blobs, madeDirs } = work;
  // A link's content is part of its directory.
  const files = blobs.filter(({ symlink }) => !symlink).map(({ destination }) => destination);
  syncAll([...files, ...work.directories.map((path) => inside(staging, path))], staging);
  const content = checkStaged(staging, plan.result);
  const stagedBefore = timeNow(`${staging}-clock`);
  const { was, release } = nameReleases(places, header, live);
  const record = (name: ByteString, of: ReleaseRecord) => {
    // That of a release which stays is of use, if another switch fails.
    if (was.kind !== 'release' || name !== was.release) written.push(recordFile(places, name));
    writeRecord(places, name, of);
  };

  let others: ReleaseRecord['others'] = new Map();
  if (live !== undefined && was.kind !== 'nothing') {
    const look = lookAtLive(live.path, plan.live);
    const carried = carryOver(live.path, staging, look);
    const directories = new Set([
      ...work.directories,
      ...ancestors([...carried.paths].map((path) => ({ path }))),
      ...look.otherDirectories,
    ]);
    copyDirectoryAttributes(live.path, staging, directories);
    syncAll([...carried.touched, ...work.directories.map((path) => inside(staging, path))], staging);
    others = marksIn(staging, carried.paths);
    // What had no place in the new release is lost with the old one, unless it counts as written there.
    const handedOn = [...look.record.others].filter(([path]) => carried.paths.has(path));
    record(was.release, { content: look.record.content, others: new Map(handedOn) });
  }
  syncAll([dirOf(staging), dirOf(places.root)], staging);
  record(release, { content, others });
  const journal: ReleaseJournal = { ...header, root: places.root, staging, madeDirs, stagedBefore, release, was, keep };
  writeDurably(journalFile(places), formatReleaseJournal(journal));
  return journal;
}

/** A plain directory that is to become a release gets the number before that of the new one. */
function nameReleases(
  { root }: Places,
  { from, to }: JournalHeader,
  live: LiveDirectory | undefined,
): { was: FormerRoot; release: ByteString } {
  // One that is about to go still has the number, and the record, of its name.
  const names = namesOfReleases(root).map((name) => releaseOfLeaving(name) ?? name);
  const release = nextRelease(to, names);
  if (live === undefined) return { was: { kind: 'nothing' }, release };
  if (live.release !== undefined) return { was: { kind: 'release', release: live.release }, release };
  const first = nextRelease(from, names);
  return { was: { kind: 'directory', release: first }, release: nextRelease(to, [...names, first]) };
}

function marksIn(directory: ByteString, paths: Iterable<BytePath>): Map<BytePath, FileMark> {
  const marks = new Map<BytePath, FileMark>();
  for (const path of paths) {
    const stat = lstat(`${directory}/${path}`);
    if (stat !== undefined) marks.set(path, markOf(stat));
  }
  return marks;
}

function inside(directory: ByteString, path: BytePath): ByteString {
  return path === '' ? directory : `${directory}/${path}`;
}
