import { displayBytes } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { DIRECTORY, fileType } from '../../core/entry.ts';
import { MalformedError, SnapshotError } from '../../core/errors.ts';
import type { RollbackPlan, TargetEntry } from '../../core/rollback/plan.ts';
import { planRollback } from '../../core/rollback/plan.ts';
import { compareEntries } from '../../core/snapshot/changes.ts';
import type { Workdir } from '../../core/workdir.ts';
import type { Context, GovernedSet } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { Change, RollbackResult } from '../results.ts';
import { withSizes } from '../snapshot/change-sizes.ts';
import { requireMatches } from '../snapshot/match-paths.ts';
import type { SetContent } from '../snapshot/read-set.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import type { TreeEntry } from '../snapshot/snapshot-entries.ts';
import { snapshotEntries } from '../snapshot/snapshot-entries.ts';
import { openJudge, requireTrusted } from '../verify/judge-snapshot.ts';
import type { RollbackAction } from './record-rollback.ts';

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
}

/** A snapshot that has passed every check that needs no content. Made by {@link verifyTarget} only. */
export interface VerifiedSnapshot {
  readonly stored: StoredSnapshot;
  readonly entries: readonly TreeEntry[];
}

/** What is to be done, and what the directory is now. Made by {@link planChanges} only. */
export interface PlannedRollback {
  readonly target: VerifiedSnapshot;
  readonly live: SetContent;
  readonly plan: RollbackPlan;
}

/**
 * Judges the snapshot that is to be put back, and lists what it holds.
 *
 * @throws {SnapshotError} of kind `untrusted`, with every check that it failed
 */
export async function verifyTarget(
  { ctx, trusted, set }: RollbackScene,
  stored: StoredSnapshot,
): Promise<VerifiedSnapshot> {
  const { snapshot, ref } = stored;
  if (snapshot.set !== set.name) {
    throw new SnapshotError(
      'usage',
      `'${snapshot.id}' is a snapshot of the set '${snapshot.set}', not of '${set.name}'`,
      {
        hint: `Add --set ${snapshot.set}.`,
      },
    );
  }
  const judge = await openJudge(ctx, trusted);
  requireTrusted(stored, await judge(stored));
  const { entries } = await snapshotEntries(ctx, { tree: snapshot.tree, modes: snapshot.modes, what: `'${ref}'` });
  return { stored, entries };
}

/**
 * Compares the directory with the snapshot, and makes sure that all of its content is there.
 *
 * @throws {SnapshotError} of kind `conflict` where something that must not be touched is in the way
 */
export async function planChanges(
  { ctx, options }: RollbackScene,
  target: VerifiedSnapshot,
  live: SetContent,
): Promise<PlannedRollback> {
  const known = new Map(live.entries.map(({ oid, size }) => [oid, size]));
  const unknown = target.entries
    .filter(({ mode, oid }) => fileType(mode) !== DIRECTORY && !known.has(oid))
    .map(({ oid }) => oid);
  const described = await ctx.store.describeObjects([...new Set(unknown)]);
  const { ref } = target.stored;
  for (const oid of unknown) {
    const object = described.get(oid);
    if (object?.type !== 'blob') {
      throw new MalformedError(
        `'${ref}'`,
        object === undefined
          ? `its content ${oid} is not in this repository`
          : `${oid} is a ${object.type}, not a blob`,
        {
          hint: 'Nothing was changed. Fetch the snapshot again from a complete clone.',
        },
      );
    }
    known.set(oid, object.size);
  }
  const entries: TargetEntry[] = target.entries.map((entry) => ({ ...entry, size: known.get(entry.oid) ?? 0 }));
  requireMatches(options.paths, [live.entries, entries]);
  const paths = options.paths.length === 0 ? undefined : options.paths;
  const made = planRollback({
    live: live.entries,
    target: entries,
    excluded: live.excluded.map(({ path }) => path),
    paths,
  });
  const [conflict] = made.conflicts;
  if (conflict !== undefined) {
    const others = made.conflicts.length > 1 ? ` (and ${made.conflicts.length - 1} more)` : '';
    throw new SnapshotError(
      'conflict',
      `'${displayBytes(conflict.path)}' cannot be put back: '${displayBytes(conflict.obstacle)}' is in the way${others}`,
      {
        hint:
          conflict.reason === 'excluded'
            ? 'An ignore rule keeps that path out of snapshots, so there is no backup of it. Move it away, then run this again.'
            : 'Give that path with --path too.',
      },
    );
  }
  return { target, live, plan: made };
}

/** The changes that a plan makes, for people and programs. */
export async function describePlan(
  { ctx, set, options, startedMs }: RollbackScene,
  { target, live, plan: made }: PlannedRollback,
): Promise<Omit<RollbackResult, 'outcome'>> {
  const known = new Map(live.entries.map(({ oid, size }) => [oid, size]));
  const paths: Change[] = await withSizes(ctx, compareEntries<TreeEntry>(live.entries, [...made.result]), known);
  return {
    set: set.name,
    from: undefined,
    to: target.stored.snapshot.id,
    backup: undefined,
    changes: made.counts,
    paths: options.dryRun || paths.length <= 10_000 ? paths : paths.slice(0, 10_000),
    rescued: [],
    appeared: [],
    durationMs: ctx.nowMs() - startedMs,
  };
}
