import { type ByteString, displayBytes } from '../byte-string.ts';
import { STAGING_PREFIX } from './port.ts';

// How the directory of a set is laid out where the policy says `layout: releases`:
//
//   artifacts -> .artifacts.releases/000002-<id of the snapshot>
//   .artifacts.releases/.gitignore
//   .artifacts.releases/000001-<id of the snapshot>/
//   .artifacts.releases/000002-<id of the snapshot>/

/** How many releases stay on the disk where the policy does not say. */
export const DEFAULT_KEPT_RELEASES = 3;

/** How many releases of a set stay on the disk, the one that is live among them. */
export interface ReleaseLayout {
  readonly keep: number;
}

/** Names with a number from here on were made by somebody else: to count on from there would soon need too many digits. */
const FOREIGN_NUMBER = 10 ** 12;

const RELEASE = /^(\d{6,15})-[0-9A-Za-z][0-9A-Za-z.-]{0,63}$/;

const LEAVING = new RegExp(`^${STAGING_PREFIX.replaceAll('.', '\\.')}[0-9a-f]{8,64}-(.*)$`, 's');

/** The directory that holds the releases of the set at `path`: beside it, so that it is on the same file system. */
export function releasesPath(path: ByteString): ByteString {
  const name = path.lastIndexOf('/') + 1;
  return `${path.slice(0, name)}.${path.slice(name)}.releases`;
}

/** What the link at `path` says where a release is live: relative, so that the tree can be moved as a whole. */
export function releaseTarget(path: ByteString, release: ByteString): ByteString {
  const releases = releasesPath(path);
  return `${releases.slice(releases.lastIndexOf('/') + 1)}/${release}`;
}

/** The release that a link at `path` with this target names; undefined where the target is none of {@link releaseTarget}. */
export function releaseOfTarget(path: ByteString, target: ByteString): ByteString | undefined {
  const release = target.slice(target.lastIndexOf('/') + 1);
  return isReleaseName(release) && target === releaseTarget(path, release) ? release : undefined;
}

/** Whether a directory of that name can be a release. */
export function isReleaseName(name: ByteString): boolean {
  return RELEASE.test(name);
}

/**
 * The name of a release.
 *
 * @param number - counts up from 1 for each set, so that names sort by age
 * @param id - of the snapshot that it was made from; undefined where there was none
 */
export function releaseName(number: number, id: string | undefined): ByteString {
  return `${String(number).padStart(6, '0')}-${id ?? 'before'}`;
}

/**
 * What a release is called from when it is to go until it is gone. Nobody looks for it there.
 *
 * @param operation - the replacement that it goes with
 */
export function leavingName(operation: string, release: ByteString): ByteString {
  return `${STAGING_PREFIX}${operation}-${release}`;
}

/** The release that has such a {@link leavingName}; undefined for any other name. */
export function releaseOfLeaving(name: ByteString): ByteString | undefined {
  const release = LEAVING.exec(name)?.[1];
  return release !== undefined && isReleaseName(release) ? release : undefined;
}

/**
 * The name of the next release.
 *
 * @param id - of the snapshot that it is made from; undefined where there is none
 * @param names - all that there are, of anything
 */
export function nextRelease(id: string | undefined, names: readonly ByteString[]): ByteString {
  let number = 1 + Math.max(0, ...names.map(numberOf).filter((n) => n < FOREIGN_NUMBER));
  while (names.includes(releaseName(number, id))) number++;
  return releaseName(number, id);
}

/** The one that was made last; undefined where none of these names is a release's. */
export function newestRelease(names: readonly ByteString[]): ByteString | undefined {
  return names
    .filter((name) => isReleaseName(name) && numberOf(name) < FOREIGN_NUMBER)
    .sort(byAge)
    .at(-1);
}

function byAge(a: ByteString, b: ByteString): number {
  return numberOf(a) - numberOf(b) || (a < b ? -1 : 1);
}

/**
 * The releases that are to go.
 *
 * @param names - of the releases that may go, in any order; others do not count
 * @param live - the one that the link names: it stays, and counts
 */
export function outdatedReleases({
  names,
  live,
  keep,
}: {
  names: readonly ByteString[];
  live: ByteString;
  keep: number;
}): ByteString[] {
  return names
    .filter((name) => isReleaseName(name) && name !== live)
    .sort((a, b) => byAge(b, a))
    .slice(Math.max(0, keep - 1));
}

function numberOf(name: ByteString): number {
  return Number(RELEASE.exec(name)?.[1] ?? 0);
}

/** The text of the file that keeps releases out of git, and tells a person what they are. Its first line is ours alone. */
export function releasesNotice(path: ByteString): string {
  const name = displayBytes(path.slice(path.lastIndexOf('/') + 1));
  return [
    `# Releases of '${name}', made by git-snapshot. The one that is live is the one that the link '../${name}' names.`,
    '# The others stay for a while, so that programs which work in them can end. Names: <number>-<snapshot>.',
    '*',
    '',
  ].join('\n');
}
