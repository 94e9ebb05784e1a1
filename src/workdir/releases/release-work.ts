import { mkdirSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { type BytePath, DIRECTORY, fileType } from '../../core/entry.ts';
import type { BlobToRestore } from '../../core/ports.ts';
import { ancestors } from '../../core/rollback/check-target.ts';
import type { RollbackPlan } from '../../core/rollback/plan.ts';
import { STAGING_PREFIX } from '../../core/rollback/port.ts';
import { at, dirOf, sync } from '../replace/disk.ts';
import { blobAt, checkSpace } from '../replace/stage.ts';
import { type Places, recordIntent } from '../replace/staging-area.ts';
import type { LiveDirectory } from './live-directory.ts';
import { ensureReleases } from './releases-directory.ts';

/** A new release that is being made, beside the others and under a name that is none of a release. */
export interface ReleaseWork {
  readonly plan: RollbackPlan;
  /** Absolute path of what will be the release. */
  readonly staging: ByteString;
  /** Directories in it, `''` for itself, each after the one that it is in. */
  readonly directories: readonly BytePath[];
  readonly blobs: readonly BlobToRestore[];
  /** What it is to take the place of; undefined where nothing is there. */
  readonly live: LiveDirectory | undefined;
  /** Directories above the set that had to be made, topmost first. */
  readonly madeDirs: readonly ByteString[];
}

/** Makes the directories of a new release. @throws {SnapshotError} of kind `conflict` if there is no room for it */
export function beginRelease(
  places: Places,
  { plan, operation, live, madeDirs }: Pick<ReleaseWork, 'plan' | 'live' | 'madeDirs'> & { readonly operation: string },
): ReleaseWork {
  for (const dir of madeDirs) {
    mkdirSync(at(dir));
    sync(dirOf(dir));
  }
  const staging = `${ensureReleases(places)}/${STAGING_PREFIX}${operation}`;
  recordIntent(places, { staging, probe: `${staging}-probe` });
  const { result } = plan;
  checkSpace(result, dirOf(staging));
  const inner = ancestors(result);
  for (const { path, mode } of result) if (fileType(mode) === DIRECTORY) inner.add(path);
  const directories = ['', ...[...inner].sort()];
  for (const path of directories) {
    // Nobody is to see more of it meanwhile than of the live one.
    if (path === '' && live !== undefined) mkdirSync(at(staging), 0o700);
    else mkdirSync(at(`${staging}/${path}`));
  }
  const files = result.filter(({ mode }) => fileType(mode) !== DIRECTORY);
  const blobs = files.map((entry) => blobAt(entry, `${staging}/${entry.path}`));
  return { plan, staging, directories, blobs, live, madeDirs };
}
