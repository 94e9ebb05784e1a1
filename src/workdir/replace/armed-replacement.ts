import type { Progress } from '../../core/ports.ts';
import { parentOf } from '../../core/rollback/check-target.ts';
import { headerOf, type Journal } from '../../core/rollback/journal.ts';
import type { AppliedReplacement, ArmedReplacement, Rescued, StayingDirectory } from '../../core/rollback/port.ts';
import { programsAt } from '../programs/programs-at.ts';
import { readNew, readOld, removeRead, stillAsPut } from './discard.ts';
import { dirOf, isSystemError, removeDurably, sync } from './disk.ts';
import { explained, explaining } from './explain.ts';
import { freshDirectory } from './fresh-path.ts';
import { Moves } from './moves.ts';
import { Parents } from './parents.ts';
import { openRescue, type Rescue } from './rescue.ts';
import { syncAll } from './stage.ts';
import { journalFile, type Places, removeStagingArea } from './staging-area.ts';

/** Steps between two looks at the event loop, where progress is drawn and signals arrive. */
const BATCH = 256;

/** A replacement whose journal is written, now or by a process that is no more. */
export function armedReplacement(places: Places, journal: Journal): ArmedReplacement {
  const rescue = openRescue(places.home, journal.operation);
  const moves = new Moves(journal, rescue);
  const header = headerOf(journal);
  const revert = (progress?: Progress) =>
    explainingAsync(async () => {
      await goBack(journal, moves, progress);
      const read = readNew(journal, rescue);
      return forget(places, rescue, () => removeRead(read, { journal, rescue }));
    });
  const applied: AppliedReplacement = {
    journal: header,
    stillAsPut: () => explaining('unfinished', () => stillAsPut(journal)),
    programsAt: (paths) => programsAt(journal.root, paths),
    finish: () =>
      explaining('unfinished', () => {
        places.onMove?.();
        const read = readOld(journal, rescue);
        return forget(places, rescue, () => removeRead(read, { journal, rescue }));
      }),
    revert,
  };
  return {
    journal: header,
    apply: (progress) =>
      explainingAsync(async () => {
        await goForth(journal, moves, { progress, onMove: places.onMove });
        return applied;
      }),
    revert,
  };
}

async function goForth(
  journal: Journal,
  moves: Moves,
  { progress, onMove }: { progress: Progress | undefined; onMove: Places['onMove'] },
): Promise<void> {
  const { root, steps, staging } = journal;
  const parents = new Parents(root, 'unfinished');
  for (const { path } of steps) parents.check(path);
  moves.makeRoot();
  // Every old file has its second name, on disk, before the first of them goes.
  for (const [n, step] of steps.entries()) {
    parents.check(step.path);
    onMove?.();
    moves.save(step, n);
  }
  sync(`${staging}/old`);
  for (const [n, step] of steps.entries()) {
    parents.check(step.path);
    onMove?.();
    moves.forth(step, n);
    await breathe(n + 1, steps.length, progress);
  }
  onMove?.();
  syncTouched(journal);
}

async function goBack(journal: Journal, moves: Moves, progress: Progress | undefined): Promise<void> {
  const { root, steps } = journal;
  const parents = new Parents(root, 'unfinished');
  for (const { path } of steps) parents.check(path);
  let done = 0;
  for (const [n, step] of [...steps.entries()].reverse()) {
    parents.check(step.path);
    moves.back(step, n);
    await breathe(++done, steps.length, progress);
  }
  moves.unmakeRoot();
  syncTouched(journal);
}

async function breathe(done: number, total: number, progress: Progress | undefined): Promise<void> {
  if (done % BATCH !== 0 && done !== total) return;
  progress?.(done, total);
  await new Promise((resolve) => setImmediate(resolve));
}

function syncTouched({ root, staging, steps, madeDirs }: Journal): void {
  const parents = new Set(steps.map(({ path }) => parentOf(path)));
  const dirs = [...parents].map((dir) => (dir === '' ? root : `${root}/${dir}`));
  const changed = steps.filter(({ kind }) => kind === 'chmod').map(({ path }) => `${root}/${path}`);
  const fresh = new Set(
    steps.flatMap(({ kind }, n) => (kind === 'create' || kind === 'replace' ? [freshDirectory(staging, n)] : [])),
  );
  syncAll([...changed, ...dirs, ...madeDirs.map(dirOf), `${staging}/old`, ...fresh], root);
}

/**
 * Forgets a replacement that is complete, in one direction or the other. Removing the journal settles it; what is
 * left in the staging area then is of no more use.
 *
 * @param remove - removes of the staging area what somebody may still write to, and says where it is if it stays
 */
function forget(places: Places, rescue: Rescue, remove: () => StayingDirectory | undefined): Rescued {
  removeDurably(journalFile(places));
  let stays: StayingDirectory | undefined;
  try {
    stays = remove();
    removeStagingArea(places);
  } catch (error) {
    // The directory is as it should be, which is what matters to the caller. The next command clears up, and complains.
    if (!isSystemError(error)) throw error;
  }
  return { files: rescue.list(), stays: stays === undefined ? [] : [stays] };
}

async function explainingAsync<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw explained('unfinished', error);
  }
}
