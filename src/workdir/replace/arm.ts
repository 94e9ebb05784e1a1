import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { permissions } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import { formatJournal, type Journal, type JournalHeader, type JournalStep } from '../../core/rollback/journal.ts';
import type { LiveEntry, RollbackPlan, RollbackStep } from '../../core/rollback/plan.ts';
import type { FileStat } from '../../core/workdir.ts';
import { lookAgain } from './check-directory.ts';
import { dirOf, isDirectory, lstat, writeDurably } from './disk.ts';
import { freshPath } from './fresh-path.ts';
import { markOf } from './marks.ts';
import { type StagingWork, syncStaged, timeNow } from './stage.ts';
import { journalFile, type Places } from './staging-area.ts';

/**
 * Writes the journal of a plan whose new files are staged: the point from which it is finished or undone.
 *
 * The directory need not be as it was scanned: what programs wrote since is looked for when the old files go.
 */
export function writeJournal({
  places,
  header,
  plan,
  work,
  staging,
}: {
  places: Places;
  header: JournalHeader;
  plan: RollbackPlan;
  work: StagingWork;
  staging: ByteString;
}): Journal {
  syncStaged(work, staging);
  const trees = plan.steps.some((step) => step.kind === 'create' && step.tree);
  const stagedBefore = trees ? timeNow(`${staging}/clock`) : { sec: 0, nsec: 0 };
  const { found } = lookAgain(places.root, plan);
  const steps = plan.steps.map((step, n) => journalStep(step, freshPath(staging, n), found));
  const journal: Journal = {
    ...header,
    root: places.root,
    staging,
    madeDirs: missingDirs(places.root),
    stagedBefore,
    steps,
  };
  writeDurably(journalFile(places), formatJournal(journal));
  return journal;
}

function journalStep(step: RollbackStep, staged: ByteString, found: ReadonlyMap<BytePath, FileStat>): JournalStep {
  const { path } = step;
  const oldMark = (was: LiveEntry) => markOf(found.get(was.path) ?? was.stat);
  if (step.kind === 'remove') {
    return {
      kind: 'remove',
      path,
      tree: step.tree,
      was: step.was.map(({ path, oid }) => ({ path, oid })),
    };
  }
  if (step.kind === 'chmod') {
    return {
      kind: 'chmod',
      path,
      mark: oldMark(step.was),
      from: permissions((found.get(path) ?? step.was.stat).mode),
      to: permissions(step.entry.mode),
    };
  }
  const mark = markOf(present(lstat(staged), staged));
  if (step.kind === 'replace') return { kind: 'replace', path, was: oldMark(step.was), oid: step.was.oid, mark };
  return { kind: 'create', path, tree: step.tree, mark };
}

function present(stat: FileStat | undefined, what: ByteString): FileStat {
  if (stat === undefined) throw new Error(`'${what}' was not staged`);
  return stat;
}

/** The directories that have to be made for the root to be there, topmost first. */
export function missingDirs(root: ByteString): ByteString[] {
  const missing: ByteString[] = [];
  let dir = root;
  for (; lstat(dir) === undefined; dir = dirOf(dir)) missing.unshift(dir);
  if (isDirectory(lstat(dir)) || missing.length === 0) return missing;
  throw new SnapshotError('conflict', `'${dir}' is not a directory`);
}
