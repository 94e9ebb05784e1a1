import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { DIRECTORY, fileType } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import { newestRelease, releaseOfTarget, releasesPath, releaseTarget } from '../../core/rollback/releases.ts';
import { systemReason } from '../../core/system-reason.ts';
import type { FileStat } from '../../core/workdir.ts';
import { entriesIn, isDirectory, isSymlink, isSystemError, lstat } from '../replace/disk.ts';
import { readTarget } from './release-link.ts';

/** Where the content of a set is. */
export interface LiveDirectory {
  /** Absolute path, with no link of ours in it: whoever opened it stays in one release, whatever the link does. */
  readonly path: ByteString;
  readonly stat: FileStat;
  /** The release's name; undefined where the set's path is a directory itself. */
  readonly release: ByteString | undefined;
}

/**
 * Finds the directory that a set's path stands for. The only link that is followed is one that we could have made: to a
 * real directory right in the set's directory of releases, where the policy asks for that layout.
 *
 * @param root - absolute path of the set
 * @param inReleases - whether the set's layout is that of releases
 * @returns undefined where nothing is there
 * @throws {SnapshotError} of kind `config` for anything else
 */
export function liveDirectory(root: ByteString, inReleases: boolean): LiveDirectory | undefined {
  try {
    const stat = lstat(root);
    if (stat === undefined) return undefined;
    if (fileType(stat.mode) === DIRECTORY) return { path: root, stat, release: undefined };
    const found = isSymlink(stat) ? linkedRelease(root) : undefined;
    if (found !== undefined && inReleases) return found;
    throw refusal(root, { isLink: isSymlink(stat), release: found?.release, inReleases });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new SnapshotError('config', `cannot read '${displayBytes(root)}': ${systemReason(error.code)}`, {
      cause: error,
      hint: 'Check the permissions of the path and of the directories above it.',
    });
  }
}

function linkedRelease(root: ByteString): (LiveDirectory & { readonly release: ByteString }) | undefined {
  const release = releaseOfTarget(root, readTarget(root));
  if (release === undefined || !isDirectory(lstat(releasesPath(root)))) return undefined;
  const path = `${releasesPath(root)}/${release}`;
  const stat = lstat(path);
  return stat !== undefined && isDirectory(stat) ? { path, stat, release } : undefined;
}

function refusal(
  root: ByteString,
  found: { readonly isLink: boolean; readonly release: ByteString | undefined; readonly inReleases: boolean },
): SnapshotError {
  const name = displayBytes(root);
  if (found.release !== undefined) {
    const release = displayBytes(`${releasesPath(root)}/${found.release}`);
    return new SnapshotError('config', `'${name}' is a link to a release, and the policy has no 'layout: releases'`, {
      hint: `Give the set that layout again, or make the release the directory: "rm '${name}' && mv '${release}' '${name}'".`,
    });
  }
  if (!found.isLink || !found.inReleases) {
    return new SnapshotError('config', `'${name}' is not a directory`, {
      hint: found.isLink
        ? 'Make it a real directory: a link to one is not followed.'
        : 'Move it away, and run the command again: "git rollback" puts the directory back.',
    });
  }
  return new SnapshotError('config', `'${name}' is a link, but to no release of the set`, {
    hint: `Only a directory right in '${displayBytes(releasesPath(root))}' is followed. ${mendingHint(root)}`,
  });
}

/** What links a release again: the newest is what was live last, unless a rollback ended with `--abort`. */
function mendingHint(root: ByteString): string {
  const releases = releasesPath(root);
  const names = isDirectory(lstat(releases)) ? entriesIn(releases) : [];
  const newest = newestRelease(names.filter(({ directory }) => directory).map(({ name }) => name));
  if (newest === undefined) return `There is none: remove '${displayBytes(root)}', and run "git rollback".`;
  const link = `ln -sfn '${displayBytes(releaseTarget(root, newest))}' '${displayBytes(root)}'`;
  return `To link the newest, unless another should be live: "${link}".`;
}
