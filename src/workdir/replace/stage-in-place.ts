import type { StagedReplacement, StageRequest } from '../../core/rollback/port.ts';
import { writeJournal } from './arm.ts';
import { armedReplacement } from './armed-replacement.ts';
import { checkMounts } from './check-directory.ts';
import { checkSpace, makeDirectories, newEntries, stagingWork } from './stage.ts';
import { stagedReplacement } from './staged-replacement.ts';
import { makeStagingArea, type Places, removeStagingArea } from './staging-area.ts';

/** Makes a staging area for what a plan changes in the directory. @throws {SnapshotError} of kind `conflict` */
export function stageInPlace(places: Places, { plan, operation }: StageRequest): StagedReplacement {
  checkMounts(places.root, plan);
  removeStagingArea(places);
  const staging = makeStagingArea(places, operation);
  return stagedReplacement(places, operation, {
    make: () => {
      const work = stagingWork(plan, staging);
      checkSpace(newEntries(plan), staging);
      makeDirectories(work);
      return work;
    },
    arm: (work, header) => armedReplacement(places, writeJournal({ places, header, plan, work, staging })),
    discard: () => removeStagingArea(places),
  });
}
