import { SnapshotError } from '../../core/errors.ts';
import type { Context, GovernedSet } from '../context.ts';
import { readLog } from '../log/read-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { RollbackResult } from '../results.ts';
import { currentSnapshot } from '../snapshot/live-changes.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { listSnapshotRefs, readSnapshot } from '../snapshot/read-snapshots.ts';
import type { RollbackOptions } from './plan-rollback.ts';
import { revertRollback } from './record-rollback.ts';
import { rollBack } from './roll-back.ts';
import type { RollbackToApply } from './settle-rollback.ts';
import { applyRollback } from './settle-rollback.ts';

/** Finishes a rollback that was interrupted, as if it had not been. */
export async function continueRollback(
  ctx: Context,
  { set: name }: { readonly set: string | undefined },
): Promise<RollbackResult> {
  return withUnfinished(ctx, name, (unfinished) => applyRollback(ctx, unfinished));
}

/** Takes an interrupted rollback back: the directory is again what it was before it. */
export async function abortRollback(
  ctx: Context,
  { set: name }: { readonly set: string | undefined },
): Promise<RollbackResult> {
  return withUnfinished(ctx, name, async ({ armed, preview, ...scene }) => {
    const rescued = await revertRollback(ctx, { ...scene, replacement: armed });
    return {
      ...preview,
      outcome: 'reverted',
      rescued: rescued.map(({ path, keptAs }) => ({ path, keptAs })),
      durationMs: ctx.nowMs() - scene.startedMs,
    };
  });
}

async function withUnfinished(
  ctx: Context,
  name: string | undefined,
  act: (unfinished: RollbackToApply) => Promise<RollbackResult>,
): Promise<RollbackResult> {
  const startedMs = ctx.nowMs();
  const trusted = await loadPolicy(ctx);
  const set = governedSet(trusted.policy, name);
  const lock = (await ctx.replacer(set)).lock();
  try {
    const armed = lock.pending();
    if (armed === undefined) {
      throw new SnapshotError('not-found', `no rollback of the set '${set.name}' is unfinished`, {
        hint: 'See "git snapshot status".',
      });
    }
    const { from, to, context } = armed.journal;
    const preview = {
      set: set.name,
      from,
      to,
      backup: from,
      changes: JSON.parse(context['counts'] ?? '{}') as RollbackResult['changes'],
      paths: [],
      rescued: [],
      appeared: [],
      durationMs: 0,
    };
    return await act({
      trusted,
      set,
      armed,
      from: await snapshotByTag(ctx, set, context['fromTag']),
      to: await snapshotByTag(ctx, set, context['toTag']),
      preview,
      startedMs,
    });
  } finally {
    lock.release();
  }
}

/** Snapshots were resolved to object names when the rollback began; these are used to its end. */
async function snapshotByTag(ctx: Context, set: GovernedSet, tag: string | undefined): Promise<StoredSnapshot> {
  const ref = (await listSnapshotRefs(ctx, set.name)).find(({ oid }) => oid === tag);
  if (ref !== undefined) return readSnapshot(ctx, ref);
  throw new SnapshotError('not-found', `the snapshot ${tag ?? ''} of the unfinished rollback is gone`, {
    hint: 'Bring its ref back, from another clone or with "git update-ref", and run this again.',
  });
}

/** Undoes the last rollback, unless a snapshot was taken or put in place since. It is a rollback itself, so it can be undone. */
export async function undoRollback(
  ctx: Context,
  options: Pick<RollbackOptions, 'set' | 'reason' | 'dryRun' | 'confirm'>,
): Promise<RollbackResult> {
  const { policy } = await loadPolicy(ctx);
  const set = governedSet(policy, options.set);
  const workdir = await ctx.workdir(set);
  const current = await currentSnapshot(ctx, workdir, await listSnapshotRefs(ctx, set.name));
  const { events } = await readLog(ctx);
  const ofSet = events.map(({ event }) => event).filter((event) => event.type !== 'policy' && event.set === set.name);
  const last = ofSet.findLast((event) => event.type === 'rollback' && event.outcome === 'applied');
  // Putting back some paths does not change what the directory should be, so only the log can tell that nothing came since.
  const isPartialAndLast = last?.type === 'rollback' && last.paths !== undefined && last === ofSet.at(-1);
  const isLast = last?.type === 'rollback' && (last.to.tag === current?.tag || isPartialAndLast);
  if (!isLast) {
    throw new SnapshotError('not-found', `there is no rollback of the set '${set.name}' to undo`, {
      hint: 'The last thing done to the directory was no rollback. Choose a snapshot with "git snapshot list" and run "git rollback SNAPSHOT".',
    });
  }
  return rollBack(ctx, { ...options, snapshot: last.from.id, steps: undefined, action: 'undo', paths: [] });
}
