import type { ByteString } from '../../core/byte-string.ts';
import type { StayingDirectory } from '../../core/rollback/port.ts';
import type { ReleaseJournal } from '../../core/rollback/release-journal.ts';
import { isReleaseName, outdatedReleases, releaseOfLeaving, releasesPath } from '../../core/rollback/releases.ts';
import { mountsBelow } from '../replace/check-directory.ts';
import { isDirectory, isSystemError, lstat } from '../replace/disk.ts';
import type { Rescue } from '../replace/rescue.ts';
import type { Places } from '../replace/staging-area.ts';
import { programsIn } from './programs-in.ts';
import { hasRecord, readRecord, removeOtherRecords } from './records.ts';
import { leavingDirectory, linkedName, releaseDirectory } from './release-link.ts';
import { isLeaving, namesOfReleases } from './releases-directory.ts';
import { retireRelease } from './retire-release.ts';

/**
 * Removes the oldest releases, save what programs wrote in them, and those that were to go before and did not. One that
 * cannot be removed now stays, and is the first to go next time.
 *
 * @returns those that stay since programs are at work in them
 */
export function pruneReleases(places: Places, { operation, keep }: ReleaseJournal, rescue: Rescue): StayingDirectory[] {
  const { root } = places;
  const live = linkedName(root);
  if (live === undefined) return [];
  const names = namesOfReleases(root);
  const known = names.filter((name) => isReleaseName(name) && hasRecord(places, name));
  const leaving = names.filter((name) => isLeaving(places, name));
  const beside = releaseDirectory(root, live);
  const remove = (name: ByteString, directory: ByteString, place: ByteString) => {
    const record = readRecord(places, name);
    if (record === undefined || !isDirectory(lstat(directory)) || mountsBelow(directory).length > 0) return undefined;
    // It keeps its name, too: they may look for their files by that.
    const programs = programsIn(directory, beside);
    if (programs.length > 0) return { path: directory, programs, goesLater: true };
    return retireRelease(places, { name, directory, record, beside, rescue }, place)();
  };
  removeOtherRecords(places, new Set(names.map((name) => releaseOfLeaving(name) ?? name)));
  return [...leaving, ...outdatedReleases({ names: known, live, keep })].flatMap((found) => {
    const name = releaseOfLeaving(found) ?? found;
    const directory = `${releasesPath(root)}/${found}`;
    try {
      return remove(name, directory, name === found ? leavingDirectory(root, operation, name) : directory) ?? [];
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return [];
    }
  });
}
