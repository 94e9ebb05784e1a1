import type { ByteString } from '../../core/byte-string.ts';
import type { StayingDirectory } from '../../core/rollback/port.ts';
import type { ReleaseJournal } from '../../core/rollback/release-journal.ts';
import {
  isReleaseName,
  outdatedReleases,
  type ReleaseLayout,
  releaseOfLeaving,
  releasesPath,
} from '../../core/rollback/releases.ts';
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
export function pruneReleases(
  places: Places,
  { operation, keep }: Pick<ReleaseJournal, 'operation' | 'keep'>,
  rescue: Rescue,
): StayingDirectory[] {
  const { root } = places;
  const live = linkedName(root);
  if (live === undefined) return [];
  const names = namesOfReleases(root);
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
  return surplusNames(places, { names, live, keep }).flatMap((found) => {
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

/** The releases that are one too many, or were to go before, by the names of their directories. */
function surplusNames(
  places: Places,
  { names, live, keep }: { readonly names: readonly ByteString[]; readonly live: ByteString } & ReleaseLayout,
): ByteString[] {
  const known = names.filter((name) => isReleaseName(name) && hasRecord(places, name));
  return [...names.filter((name) => isLeaving(places, name)), ...outdatedReleases({ names: known, live, keep })];
}

/** The releases that are one too many and still there, and who is at work in each. Only looks. */
export function surplusReleases(places: Places, { keep }: ReleaseLayout): Omit<StayingDirectory, 'goesLater'>[] {
  const { root } = places;
  const live = linkedName(root);
  if (live === undefined) return [];
  return surplusNames(places, { names: namesOfReleases(root), live, keep }).map((name) => {
    const path = `${releasesPath(root)}/${name}`;
    return { path, programs: programsIn(path, releaseDirectory(root, live)) };
  });
}
