import type { StagedReplacement, StageRequest } from '../../core/rollback/port.ts';
import { writeJournal } from './arm.ts';
import { armedReplacement } from './armed-replacement.ts';
import { checkMounts } from './check-directory.ts';
import { removeIfThere } from './disk.ts';
import { discardQuietly, explaining } from './explain.ts';
import { checkSpace, makeDirectories, newEntries, stagingWork } from './stage.ts';
import { journalFile, makeStagingArea, type Places, removeStagingArea } from './staging-area.ts';

/** Makes a staging area for what a plan changes in the directory. @throws {SnapshotError} of kind `conflict` */
export function stageInPlace(places: Places, { plan, operation }: StageRequest): StagedReplacement {
  checkMounts(places.root, plan);
  removeStagingArea(places);
  const staging = makeStagingArea(places, operation);
  const discard = () => {
    // A journal that could not be made durable may be there all the same. Nothing has been done by it yet.
    removeIfThere(journalFile(places));
    removeStagingArea(places);
  };
  const work = stagingWork(plan, staging);
  try {
    checkSpace(newEntries(plan), staging);
    makeDirectories(work);
  } catch (error) {
    discardQuietly(discard);
    throw error;
  }
  return {
    blobs: work.blobs,
    arm: (header) =>
      explaining('conflict', () => {
        const { from, to, startedAtSec, context } = header;
        const whole = { operation, set: places.set, from, to, startedAtSec, context };
        return armedReplacement(places, writeJournal({ places, header: whole, plan, work, staging }));
      }),
    discard: () => explaining('conflict', discard),
  };
}
