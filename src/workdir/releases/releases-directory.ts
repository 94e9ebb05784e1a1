import { mkdirSync } from 'node:fs';
import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { STAGING_PREFIX } from '../../core/rollback/port.ts';
import { releaseOfLeaving, releasesNotice, releasesPath } from '../../core/rollback/releases.ts';
import {
  at,
  dirOf,
  isDirectory,
  isSystemError,
  lstat,
  namesIn,
  readIfThere,
  removeIfEmpty,
  removeIfThere,
  sync,
  unfinishedName,
  writeDurably,
} from '../replace/disk.ts';
import { removeTree } from '../replace/remove-tree.ts';
import type { Places } from '../replace/staging-area.ts';
import { hasRecord } from './records.ts';
import { linkedName } from './release-link.ts';

/** Keeps releases out of git, and says what they are: that it is there makes the directory ours. */
const NOTICE = '.gitignore';

/**
 * Makes the directory of a set's releases, if it is not there.
 *
 * @throws {SnapshotError} of kind `conflict` if something else has its name
 */
export function ensureReleases(places: Places): ByteString {
  const { root } = places;
  const releases = releasesPath(root);
  if (lstat(releases) === undefined) {
    mkdirSync(at(releases));
    sync(dirOf(releases));
  }
  if (isOurs(root)) return releases;
  const isEmpty = () => namesIn(releases).every((name) => name === unfinishedName(NOTICE));
  if (!isDirectory(lstat(releases)) || !(isEmpty() || isLinkedInto(places))) {
    throw new SnapshotError('conflict', `'${displayBytes(releases)}' is no directory of releases that we made`, {
      hint: 'Releases of the set are to be kept there. Move it away, then run the command again. Nothing was changed.',
    });
  }
  // Made a moment ago, or by a process that did not get further; or somebody removed the notice.
  writeDurably(`${releases}/${NOTICE}`, releasesNotice(root), 0o644);
  return releases;
}

/** What is in the directory of releases; nothing where there is none of ours. */
export function namesOfReleases(root: ByteString): ByteString[] {
  return isOurs(root) ? namesIn(releasesPath(root)) : [];
}

/**
 * Removes what dead processes left in the directory of releases, and that directory itself if it has no release. One that
 * was about to go stays: nobody has read it to the end. To be called while nothing is under way.
 */
export function sweepReleases(places: Places): void {
  const { root } = places;
  const releases = releasesPath(root);
  if (!isDirectory(lstat(releases))) return;
  if (isOurs(root)) {
    let isInUse = false;
    for (const name of namesIn(releases)) {
      if (name.startsWith(STAGING_PREFIX) && !isLeaving(places, name)) removeTree(`${releases}/${name}`);
      else if (name !== NOTICE && name !== unfinishedName(NOTICE)) isInUse = true;
    }
    if (isInUse) return;
    removeIfThere(`${releases}/${unfinishedName(NOTICE)}`);
    removeIfThere(`${releases}/${NOTICE}`);
  }
  if (removeIfEmpty(releases)) sync(dirOf(releases));
}

/** {@link sweepReleases}, leaving to the next command what cannot be done now. */
export function sweepQuietly(places: Places): void {
  try {
    sweepReleases(places);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

/** Whether a directory of that name is a release that is to go, and that holds what was not looked through yet. */
export function isLeaving(places: Places, name: ByteString): boolean {
  const release = releaseOfLeaving(name);
  return (
    release !== undefined && hasRecord(places, release) && isDirectory(lstat(`${releasesPath(places.root)}/${name}`))
  );
}

/** Whether the set's path is a link to a release that we made. */
function isLinkedInto(places: Places): boolean {
  const release = linkedName(places.root);
  return release !== undefined && hasRecord(places, release);
}

function isOurs(root: ByteString): boolean {
  const releases = releasesPath(root);
  if (!isDirectory(lstat(releases))) return false;
  const [line] = releasesNotice(root).split('\n');
  return readIfThere(`${releases}/${NOTICE}`)?.split('\n')[0] === line;
}
