import { readlinkSync, renameSync, rmdirSync, symlinkSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { leavingName, releaseOfTarget, releasesPath, releaseTarget } from '../../core/rollback/releases.ts';
import { at, isDirectory, isSymlink, lstat, namesIn, removeIfThere } from '../replace/disk.ts';
import type { Rescue } from '../replace/rescue.ts';

/** What a symbolic link says, as bytes. */
export function readTarget(link: ByteString): ByteString {
  return readlinkSync(at(link), { encoding: 'latin1' });
}

/** The release that the link at `root` names; undefined where there is no such link. Follows nothing. */
export function linkedName(root: ByteString): ByteString | undefined {
  const stat = lstat(root);
  return stat !== undefined && isSymlink(stat) ? releaseOfTarget(root, readTarget(root)) : undefined;
}

/**
 * Makes `root` a link to a release: in one step where it is a link already, so that whoever opens it finds the one
 * release or the other. Done twice, it does it once.
 *
 * @param temporary - a name in the directory of releases that nothing else uses
 */
export function linkTo(
  root: ByteString,
  release: ByteString,
  { temporary, rescue }: { temporary: ByteString; rescue: Rescue },
): void {
  if (linkedName(root) === release) return;
  clearRoot(root, rescue, { linkMayStay: true });
  removeIfThere(temporary);
  symlinkSync(at(releaseTarget(root, release)), at(temporary));
  renameSync(at(temporary), at(root));
}

/**
 * Makes way at `root`. A link of ours holds nothing. Anything else there was made by another program while the path was
 * free, or was put in our link's place, and is kept.
 */
export function clearRoot(root: ByteString, rescue: Rescue, options: { linkMayStay: boolean }): void {
  const stat = lstat(root);
  if (stat === undefined) return;
  if (isDirectory(stat)) {
    for (const name of namesIn(root)) rescue.moveAside(`${root}/${name}`, name);
    rmdirSync(at(root));
  } else if (linkedName(root) === undefined) rescue.moveAside(root, root.slice(root.lastIndexOf('/') + 1));
  else if (!options.linkMayStay) removeIfThere(root);
}

/** Absolute path of a release. */
export function releaseDirectory(root: ByteString, release: ByteString): ByteString {
  return `${releasesPath(root)}/${release}`;
}

/** Absolute path of a release that is to go with a replacement. */
export function leavingDirectory(root: ByteString, operation: string, release: ByteString): ByteString {
  return `${releasesPath(root)}/${leavingName(operation, release)}`;
}
