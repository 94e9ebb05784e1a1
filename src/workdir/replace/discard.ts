import type { BytePath } from '../../core/entry.ts';
import type { FileStat } from '../../core/ports.ts';
import type { Journal } from '../../core/rollback/journal.ts';
import { lstat } from './disk.ts';
import { sameContent } from './marks.ts';
import type { Rescue } from './rescue.ts';
import { walkFiles } from './tree.ts';

/** Keeps of the old files those that somebody wrote to since the directory was scanned. */
export function rescueOld({ staging, steps }: Journal, rescue: Rescue): void {
  steps.forEach((step, n) => {
    const old = `${staging}/old/${n}`;
    if (step.kind === 'replace') {
      const stat = lstat(old);
      if (stat !== undefined && !sameContent(step.was, stat)) rescue.keep(old, step.path);
    } else if (step.kind === 'remove') {
      const marks = new Map(step.was.map(({ path, mark }) => [path, mark]));
      walkFiles(old, (file, below, stat) => {
        const path = below === '' ? step.path : `${step.path}/${below}`;
        const mark = marks.get(path);
        if (mark === undefined || !sameContent(mark, stat)) rescue.keep(file, path);
      });
    }
  });
}

/** Keeps of the new files those that somebody wrote to since they were staged. */
export function rescueNew(journal: Journal, rescue: Rescue): void {
  visitNew(
    journal,
    (n) => `${journal.staging}/new/${n}`,
    ({ file, path, untouched }) => {
      if (!untouched) rescue.keep(file, path);
    },
  );
}

/** The new files and links that are in place and that nobody wrote to since they were staged, sorted by path. */
export function liveStats(journal: Journal): { path: BytePath; stat: FileStat }[] {
  const found: { path: BytePath; stat: FileStat }[] = [];
  visitNew(
    journal,
    (_, path) => `${journal.root}/${path}`,
    ({ path, stat, untouched }) => {
      if (untouched) found.push({ path, stat });
    },
  );
  for (const step of journal.steps) {
    if (step.kind !== 'chmod') continue;
    const stat = lstat(`${journal.root}/${step.path}`);
    if (stat?.ino === step.mark.ino && sameContent(step.mark, stat)) found.push({ path: step.path, stat });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function visitNew(
  { steps, stagedBefore }: Journal,
  where: (n: number, path: BytePath) => string,
  visit: (found: { file: string; path: BytePath; stat: FileStat; untouched: boolean }) => void,
): void {
  steps.forEach((step, n) => {
    if (step.kind !== 'create' && step.kind !== 'replace') return;
    walkFiles(where(n, step.path), (file, below, stat) => {
      const path = below === '' ? step.path : `${step.path}/${below}`;
      // The files of a directory are not moved when it is, so that their change times still tell.
      const before =
        stat.ctimeSec < stagedBefore.sec || (stat.ctimeSec === stagedBefore.sec && stat.ctimeNsec < stagedBefore.nsec);
      const asTree = step.kind === 'create' && step.tree;
      visit({ file, path, stat, untouched: asTree ? before : below === '' && sameContent(step.mark, stat) });
    });
  });
}
