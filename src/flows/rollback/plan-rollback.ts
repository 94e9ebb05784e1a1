import { displayBytes } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import { leftOutOf } from '../../core/rollback/left-out.ts';
import type { PlanConflict, RollbackPlan, TargetEntry } from '../../core/rollback/plan.ts';
import { planRollback } from '../../core/rollback/plan.ts';
import { compareEntries } from '../../core/snapshot/changes.ts';
import { isBackup } from '../../core/snapshot/label.ts';
import type { Workdir } from '../../core/workdir.ts';
import type { Context, GovernedSet } from '../context.ts';
import { soundLog } from '../log/sound-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { Change, RollbackResult } from '../results.ts';
import { sideOf } from '../snapshot/live-changes.ts';
import { requireMatches } from '../snapshot/match-paths.ts';
import type { SetContent } from '../snapshot/read-set.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { openJudge, requireTrusted } from '../verify/judge-snapshot.ts';
import type { PhaseClock } from './phase-clock.ts';
import type { RollbackAction } from './record-rollback.ts';
import { targetEntries, type WantedEntry } from './target-entries.ts';

/** What to put back, and how. */
export interface RollbackOptions {
  readonly set: string | undefined;
  /** A selector; undefined with `steps` undefined: the snapshot that the directory should be. */
  readonly snapshot: string | undefined;
  /** So many snapshots before the one that the directory should be. */
  readonly steps: number | undefined;
  readonly action: RollbackAction;
  /** Why, for the log. */
  readonly reason: string | undefined;
  /** Only these paths and what is below them. Empty: the whole directory. */
  readonly paths: readonly BytePath[];
  readonly dryRun: boolean;
  /** The environment that goes back, if it is one: its health program comes before the set's. */
  readonly environment?: string | undefined;
  /** `leave-out`: the gates of the set are not run, as where somebody has run them already. */
  readonly gates?: 'run' | 'leave-out';
  /** `leave-out`: nobody is asked afterwards whether all is well, as where nothing uses the directory. */
  readonly health?: 'ask' | 'leave-out';
  /** Whatever the gates, and afterwards the health program, say: they are asked, told of and recorded. */
  readonly pastGates?: boolean;
  /** Called once the plan stands and before anything is written; throws to stop. */
  readonly confirm: ((plan: RollbackResult) => Promise<void>) | undefined;
}

/** Everything about the repository that the steps share. */
export interface RollbackScene {
  readonly ctx: Context;
  readonly trusted: TrustedPolicy;
  readonly set: GovernedSet;
  readonly workdir: Workdir;
  readonly options: RollbackOptions;
  readonly startedMs: number;
  readonly clock: PhaseClock;
}

/** A snapshot that has passed every check that needs no content. Made by {@link verifyTarget} only. */
export interface VerifiedSnapshot {
  readonly stored: StoredSnapshot;
}

/** What is to be done, and what the directory is now. Made by {@link planChanges} only. */
export interface PlannedRollback {
  readonly target: VerifiedSnapshot;
  readonly live: SetContent;
  /** What the snapshot holds: see {@link targetEntries}. */
  readonly entries: readonly WantedEntry[];
  readonly plan: RollbackPlan;
  /** What of the snapshot rules leave out now, and is in its place all the same. */
  readonly standing: ReadonlySet<BytePath>;
}

/**
 * Judges the snapshot that is to be put back. A log that is not to be believed is no fault of this snapshot: no other could be put
 * back, either.
 *
 * @throws {SnapshotError} of kind `untrusted`: for the log, or with every check that the snapshot failed
 */
export async function verifyTarget(
  { ctx, trusted, set }: RollbackScene,
  stored: StoredSnapshot,
): Promise<VerifiedSnapshot> {
  const { snapshot } = stored;
  if (snapshot.set !== set.name) {
    throw new SnapshotError(
      'usage',
      `'${snapshot.id}' is a snapshot of the set '${snapshot.set}', not of '${set.name}'`,
      {
        hint: `Add --set ${snapshot.set}.`,
      },
    );
  }
  await soundLog(ctx, trusted);
  const judge = await openJudge(ctx, trusted);
  requireTrusted(stored, await judge(stored));
  return { stored };
}

/**
 * Compares the directory with the snapshot, and makes sure that all of its content is there.
 *
 * @throws {SnapshotError} of kind `conflict` where something that must not be touched is in the way
 */
export async function planChanges(
  { ctx, set, workdir, options }: RollbackScene,
  target: VerifiedSnapshot,
  live: SetContent,
): Promise<PlannedRollback> {
  const entries = await targetEntries(ctx, target.stored, { live, workdir });
  requireMatches(options.paths, { set: set.path, lists: [live.entries, entries] });
  const paths = options.paths.length === 0 ? undefined : options.paths;
  const standing = workdir.holds(leftOutOf(entries, live.excluded));
  const made = planRollback({
    live: live.entries,
    target: entries,
    excluded: [...[...live.excluded, ...live.unfit].map(({ path }) => path), ...live.beside],
    standing,
    paths,
  });
  const [conflict] = made.conflicts;
  if (conflict !== undefined) throw inTheWay(conflict, { live, others: made.conflicts.length - 1 });
  return { target, live, entries, plan: made, standing };
}

function inTheWay(
  { path, obstacle, reason }: PlanConflict,
  { live, others }: { readonly live: SetContent; readonly others: number },
): SnapshotError {
  const unfit = live.unfit.find((one) => one.path === obstacle);
  const what = unfit === undefined ? '' : `, ${unfit.what},`;
  const why = unfit === undefined ? 'An ignore rule keeps that path out of snapshots' : 'No snapshot can hold that';
  return new SnapshotError(
    'conflict',
    `'${displayBytes(path)}' cannot be put back: ${path === obstacle && unfit === undefined ? 'another ' : ''}'${displayBytes(obstacle)}'${what} is in the way${others > 0 ? ` (and ${others} more)` : ''}`,
    {
      hint:
        reason === 'excluded'
          ? `${why}, so there is no backup of it. Move it away, then run this again.`
          : 'Give that path with --path too.',
    },
  );
}

/** The changes that a plan makes, for people and programs. */
export function describePlan(
  { ctx, set, options, startedMs }: RollbackScene,
  { target, live, plan: made }: PlannedRollback,
): Omit<RollbackResult, 'outcome'> {
  const paths: Change[] = compareEntries<TargetEntry>(live.entries, made.result).map(({ status, path, from, to }) => ({
    status,
    path,
    from: from && sideOf(from),
    to: to && sideOf(to),
  }));
  return {
    set: set.name,
    from: undefined,
    to: target.stored.snapshot.id,
    isUnnamedBackup: options.snapshot === undefined && !options.steps && isBackup(target.stored.snapshot.labels),
    backup: undefined,
    changes: made.counts,
    paths: options.dryRun || paths.length <= 10_000 ? paths : paths.slice(0, 10_000),
    rescued: [],
    changedAfter: { paths: [], programs: [] },
    appeared: [],
    gates: [],
    health: undefined,
    phases: [],
    durationMs: ctx.nowMs() - startedMs,
  };
}
