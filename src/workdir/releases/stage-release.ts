import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { StagedReplacement, StageRequest } from '../../core/rollback/port.ts';
import type { ReleaseLayout } from '../../core/rollback/releases.ts';
import { missingDirs } from '../replace/arm.ts';
import { mountsBelow } from '../replace/check-directory.ts';
import { dirOf, removeIfEmpty, removeIfThere } from '../replace/disk.ts';
import { stagedReplacement } from '../replace/staged-replacement.ts';
import { type Places, removeStagingArea } from '../replace/staging-area.ts';
import { armRelease } from './arm-release.ts';
import { armedRelease } from './armed-release.ts';
import { type LiveDirectory, liveDirectory } from './live-directory.ts';
import { beginRelease } from './release-work.ts';
import { sweepReleases } from './releases-directory.ts';

/**
 * Begins a new release: a whole directory with all that the plan says the set is to hold. All of it is copied, unchanged
 * files too: had they a second name in another release, a program that writes in place would change both.
 *
 * @throws {SnapshotError}
 */
export function stageRelease(
  places: Places,
  { plan, operation }: StageRequest,
  { keep }: ReleaseLayout,
): StagedReplacement {
  const { root } = places;
  const live = liveDirectory(root, true);
  if (live !== undefined) refuseMounts(root, live);
  removeStagingArea(places);
  const madeDirs = missingDirs(dirOf(root));
  const written: ByteString[] = [];
  return stagedReplacement(places, operation, {
    make: () => beginRelease(places, { plan, operation, live, madeDirs }),
    arm: (work, header) => armedRelease(places, armRelease({ places, header, work, keep, written })),
    discard: () => {
      for (const file of written) removeIfThere(file);
      removeStagingArea(places);
      sweepReleases(places);
      for (const dir of [...madeDirs].reverse()) if (!removeIfEmpty(dir)) break;
    },
  });
}

/** What is mounted in a directory cannot be in the next one as well. */
function refuseMounts(root: ByteString, { path }: LiveDirectory): void {
  const above = dirOf(path);
  const name = path.slice(above.length + 1);
  const mount = mountsBelow(above).find((point) => point === name || point.startsWith(`${name}/`));
  if (mount === undefined) return;
  const point = `${root}${mount.slice(name.length)}`;
  throw new SnapshotError('conflict', `'${displayBytes(point)}' is a mount point, which no release can have`, {
    hint: "Unmount it, or give the set the layout 'in-place' in the policy.",
  });
}
