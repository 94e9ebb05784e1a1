import type { BytePath } from '../entry.ts';
import { DIRECTORY, fileType } from '../entry.ts';
import { ancestors } from './check-target.ts';
import type { LiveEntry, PlanConflict, TargetEntry } from './plan.ts';

/** What a directory should hold where only some paths are put back, and what makes that impossible. */
export interface Selection {
  /** The target's entries at and below the paths, and what is live elsewhere; sorted. */
  readonly wanted: readonly (LiveEntry | TargetEntry)[];
  readonly conflicts: readonly PlanConflict[];
}

/** Merges the target's entries at and below `paths` with the live entries elsewhere. Takes sorted lists, which it does not change. */
export function selectPaths({
  live,
  target,
  paths,
}: {
  live: readonly LiveEntry[];
  target: readonly TargetEntry[];
  paths: readonly BytePath[];
}): Selection {
  const selected = new Set(paths);
  const above = ancestors(paths.map((path) => ({ path })));
  const isSelected = (path: BytePath) => isAtOrBelow(path, selected);

  const taken: (LiveEntry | TargetEntry)[] = target.filter(({ path }) => isSelected(path));
  const kept = live.filter(({ path }) => !isSelected(path));
  const conflicts: PlanConflict[] = [];

  const keptFiles = new Set(kept.filter(({ mode }) => fileType(mode) !== DIRECTORY).map(({ path }) => path));
  for (const { path } of taken) {
    const obstacle = firstAbove(path, keptFiles);
    if (obstacle !== undefined) conflicts.push({ path, obstacle, reason: 'not-selected' });
  }

  // A directory that the target holds empty, and of which only the content was selected, is still one.
  const used = ancestors([...taken, ...kept]);
  for (const entry of target) {
    const emptied = fileType(entry.mode) === DIRECTORY && above.has(entry.path) && !used.has(entry.path);
    if (emptied && !isSelected(entry.path) && !keptFiles.has(entry.path)) taken.push(entry);
  }

  const takenPaths = new Set(taken.map(({ path }) => path));
  const blocked = new Set(conflicts.map(({ path }) => path));
  const wanted = [
    ...taken.filter(({ path }) => !blocked.has(path)),
    ...kept.filter(({ path }) => !takenPaths.has(path)),
  ]
    // An empty directory that something is now put into is no entry of its own any more.
    .filter(({ path, mode }) => fileType(mode) !== DIRECTORY || !used.has(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return { wanted, conflicts };
}

function isAtOrBelow(path: BytePath, tops: ReadonlySet<BytePath>): boolean {
  return tops.has('') || tops.has(path) || firstAbove(path, tops) !== undefined;
}

function firstAbove(path: BytePath, tops: ReadonlySet<BytePath>): BytePath | undefined {
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    const top = path.slice(0, slash);
    if (tops.has(top)) return top;
  }
  return undefined;
}
