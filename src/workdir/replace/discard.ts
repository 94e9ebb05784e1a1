import type { BytePath } from '../../core/entry.ts';
import type { Journal } from '../../core/rollback/journal.ts';
import type { FileStat } from '../../core/workdir.ts';
import { lstat } from './disk.ts';
import { freshPath } from './fresh-path.ts';
import { holdsBlob } from './holds-blob.ts';
import { isOlder, sameContent } from './marks.ts';
import type { Rescue } from './rescue.ts';
import { walkFiles, walkNames } from './tree.ts';

/** Keeps of the old files those whose content is not what the backup has: somebody wrote to them since, or unseen. */
export function rescueOld({ staging, steps }: Journal, rescue: Rescue): void {
  steps.forEach((step, n) => {
    const old = `${staging}/old/${n}`;
    if (step.kind === 'replace') {
      if (lstat(old) !== undefined && !holdsBlob(old, step.oid)) rescue.keep(old, step.path);
    } else if (step.kind === 'remove') {
      const oids = new Map(step.was.map(({ path, oid }) => [path, oid]));
      walkNames(old, (file, below) => {
        const path = below === '' ? step.path : `${step.path}/${below}`;
        const oid = oids.get(path);
        if (oid === undefined || !holdsBlob(file, oid)) rescue.keep(file, path);
      });
    }
  });
}

/** Keeps of the new files those that somebody wrote to since they were staged. */
export function rescueNew(journal: Journal, rescue: Rescue): void {
  visitNew(
    journal,
    (n) => freshPath(journal.staging, n),
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
      const before = isOlder(stat, stagedBefore);
      const asTree = step.kind === 'create' && step.tree;
      visit({ file, path, stat, untouched: asTree ? before : below === '' && sameContent(step.mark, stat) });
    });
  });
}
