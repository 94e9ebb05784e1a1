import { renameSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { STAGING_PREFIX } from '../../core/rollback/port.ts';
import type { ReleaseJournal } from '../../core/rollback/release-journal.ts';
import { isReleaseName, outdatedReleases, releasesPath } from '../../core/rollback/releases.ts';
import { mountsBelow } from '../replace/check-directory.ts';
import { at, isDirectory, isSystemError, lstat, sync } from '../replace/disk.ts';
import { removeTree } from '../replace/remove-tree.ts';
import type { Rescue } from '../replace/rescue.ts';
import type { Places } from '../replace/staging-area.ts';
import { hasRecord, readRecord, removeRecord } from './records.ts';
import { linkedName, releaseDirectory } from './release-link.ts';
import { namesOfReleases } from './releases-directory.ts';
import { rescueRelease } from './rescue-release.ts';

/**
 * Removes the oldest releases, save what programs wrote in them. One that cannot be removed now stays, and is the first
 * to go next time.
 */
export function pruneReleases(places: Places, { operation, keep }: ReleaseJournal, rescue: Rescue): void {
  const { root } = places;
  const live = linkedName(root);
  if (live === undefined) return;
  const names = namesOfReleases(root).filter((name) => isReleaseName(name) && hasRecord(places, name));
  for (const name of outdatedReleases({ names, live, keep })) {
    try {
      remove(places, { name, live, rescue, leaving: `${releasesPath(root)}/${STAGING_PREFIX}${operation}-${name}` });
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }
}

function remove(
  places: Places,
  { name, live, rescue, leaving }: { name: ByteString; live: ByteString; rescue: Rescue; leaving: ByteString },
): void {
  const directory = releaseDirectory(places.root, name);
  const record = readRecord(places, name);
  if (record === undefined || !isDirectory(lstat(directory)) || mountsBelow(directory).length > 0) return;
  rescueRelease(directory, record, { beside: releaseDirectory(places.root, live), rescue, readAll: true });
  // What has the name of a release is always whole.
  renameSync(at(directory), at(leaving));
  sync(releasesPath(places.root));
  removeTree(leaving);
  removeRecord(places, name);
}
