import type { BytePath } from '../../core/entry.ts';
import type { Oid } from '../../core/oid.ts';
import type { Journal } from '../../core/rollback/journal.ts';
import type { StayingDirectory } from '../../core/rollback/port.ts';
import type { FileStat } from '../../core/workdir.ts';
import { lstat } from './disk.ts';
import { freshPath } from './fresh-path.ts';
import { holdsBlob } from './holds-blob.ts';
import { LastReading, PASSES } from './last-reading.ts';
import { isOlder, sameContent } from './marks.ts';
import type { Rescue } from './rescue.ts';
import { walkFiles } from './tree.ts';

/**
 * Reads the old files, and keeps those whose content is not what the backup has: somebody wrote to them since, or unseen.
 *
 * @returns what is needed to remove them, should somebody still write
 */
export function readOld({ staging, steps }: Journal, rescue: Rescue): LastReading {
  const removed = new Map<number, ReadonlyMap<BytePath, Oid>>();
  const storedIn = (n: number, was: readonly { path: BytePath; oid: Oid }[]) => {
    const known = removed.get(n) ?? new Map(was.map(({ path, oid }) => [path, oid]));
    removed.set(n, known);
    return known;
  };
  const reading = new LastReading(`${staging}/old`, {
    keep: ({ file, path: place }) => {
      const [number, ...below] = place.split('/');
      const n = Number(number);
      const step = steps[n];
      if (step?.kind !== 'replace' && step?.kind !== 'remove') return undefined;
      const path = [step.path, ...below].join('/');
      const oid = step.kind === 'replace' ? step.oid : storedIn(n, step.was).get(path);
      return oid !== undefined && holdsBlob(file, oid) ? undefined : rescue.keep(file, path);
    },
    probe: `${staging}/clock`,
  });
  reading.read();
  return reading;
}

/**
 * Removes the old files. What is written to one after it was read is read again; who goes on for long keeps them.
 *
 * @returns where they are if they stay
 */
export function removeOld({ staging }: Journal, reading: LastReading, rescue: Rescue): StayingDirectory | undefined {
  for (let pass = 1; pass <= PASSES; pass++) {
    if (pass > 1) reading.read();
    if (reading.remove()) return undefined;
  }
  // On another file system than the git directory there are the copies that were read.
  const path = rescue.takeWhole(`${staging}/old`);
  return path === undefined ? undefined : { path, programs: [] };
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
