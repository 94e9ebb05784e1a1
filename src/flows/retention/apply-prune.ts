import type { EventReport } from '../../core/audit/event.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { RefUpdate } from '../../core/ports.ts';
import { snapshotRef, trashRef } from '../../core/refs.ts';
import { requireAtMost } from '../../core/retention/rails.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import type { Actor } from '../log/actor.ts';
import { actorFor, requireRole } from '../log/actor.ts';
import { publish } from '../log/publish.ts';
import { soundLog } from '../log/sound-log.ts';
import { dependentUpdates } from './dependent-refs.ts';
import type { PrunePlan } from './plan-prune.ts';
import { planPrune } from './plan-prune.ts';
import type { RetentionScene } from './scene.ts';
import { openRetention, requireLawful } from './scene.ts';
import { requireNoRollback, withoutRollback } from './without-rollback.ts';

/** How to carry a plan out. */
export interface PruneOptions {
  readonly set: string | undefined;
  /** Digest of the plan that was looked at; undefined: whatever the plan is now. */
  readonly plan: string | undefined;
  /** How many snapshots may go at once; undefined: as the policy says. */
  readonly maxRemove: number | undefined;
  /** Called with the plan, before anything is signed; throws to stop. */
  readonly confirm?: ((plan: PrunePlan) => Promise<void>) | undefined;
}

/** What became of a plan. */
export interface PruneOutcome {
  readonly plan: PrunePlan;
  readonly outcome: 'pruned' | 'nothing-to-do';
}

/**
 * Removes what the rules do not keep: refs go to the trash, and out of it once their grace period is over, in one transaction
 * with the event that tells of it.
 *
 * @throws {SnapshotError} `conflict` if the plan is not the one that was looked at, or something is held meanwhile; `config` for
 * more than may go at once; `untrusted` for who is no pruner
 */
export async function applyPrune(ctx: Context, options: PruneOptions): Promise<PruneOutcome> {
  if (options.plan !== undefined && !/^sha256:[0-9a-f]{64}$/.test(options.plan)) {
    throw new SnapshotError('usage', `'${options.plan}' is not the digest of a plan`, {
      hint: 'Give it as "git snapshot prune" prints it: sha256: and 64 digits.',
    });
  }
  const scene = await openRetention(ctx, options.set);
  const { trusted, set } = scene;
  await requireNoRollback(scene);
  const first = await planPrune(scene, { rules: undefined });
  requirePlan(first, options.plan);
  if (isEmpty(first)) return { plan: first, outcome: 'nothing-to-do' };
  const { maxRemove = first.maxRemove } = options;
  requireAtMost(maxRemove, first.remove.length);
  const actor = await actorFor(ctx, trusted);
  requireRole(actor, 'pruner', { set: set.name });
  await options.confirm?.(first);
  // Whoever said yes said it to this plan.
  const wanted = options.plan ?? (options.confirm === undefined ? undefined : first.digest);
  const done = await withoutRollback(scene, () => carryOut(scene, { actor, wanted, maxRemove, known: first.stored }));
  return done instanceof NothingLeft
    ? { plan: done.plan, outcome: 'nothing-to-do' }
    : { plan: done, outcome: 'pruned' };
}

/** Plans anew on whatever the log is by now, and publishes that. */
async function carryOut(
  scene: RetentionScene,
  {
    actor,
    wanted,
    maxRemove,
    known,
  }: { actor: Actor; wanted: string | undefined; maxRemove: number; known: PrunePlan['stored'] },
): Promise<PrunePlan | NothingLeft> {
  const { ctx, trusted, set } = scene;
  return publish(ctx, actor, async () => {
    const log = await soundLog(ctx, trusted);
    const current = await planPrune({ ...scene, log }, { rules: undefined, known });
    requirePlan(current, wanted);
    requireAtMost(maxRemove, current.remove.length);
    if (isEmpty(current)) throw new NothingLeft(current);
    const dropped = current.drop.map(({ fate }) => fate.snapshot);
    return {
      event: reportOf(ctx, current),
      updates: [...(await moves(ctx, current)), ...(await dependentUpdates({ ...scene, log }, dropped))],
      reason: `snapshot: prune ${set.name}`,
      result: current,
      check: requireLawful(log, trusted.policy),
    };
  }).catch((error: unknown) => {
    if (error instanceof NothingLeft) return error;
    throw error;
  });
}

/** Somebody else pruned meanwhile, and left nothing to do. */
class NothingLeft extends Error {
  readonly plan: PrunePlan;

  constructor(plan: PrunePlan) {
    super('nothing is left to prune');
    this.plan = plan;
  }
}

function isEmpty({ remove, drop }: PrunePlan): boolean {
  return remove.length + drop.length === 0;
}

function requirePlan({ digest }: PrunePlan, wanted: string | undefined): void {
  if (wanted === undefined || wanted === digest) return;
  throw new SnapshotError('conflict', `the plan is ${digest} by now, not ${wanted}`, {
    hint: 'Snapshots, the policy or the log have changed. Nothing was removed: look at "git snapshot prune" again.',
  });
}

/** What is in the trash already at the very same tag was put there by a transaction that was cut off: it goes on from there. */
async function moves({ store }: Context, { set, remove, drop, stored }: PrunePlan): Promise<RefUpdate[]> {
  const inTrash = new Map((await store.listRefs(trashRef(set, ''))).map(({ name, oid }) => [name, oid]));
  return [
    ...remove.flatMap(({ id }): RefUpdate[] => {
      const tag = stored.get(id)?.tag;
      if (tag === undefined) throw missing(set, id);
      const to = trashRef(set, id);
      return [
        { name: snapshotRef(set, id), from: tag, to: null },
        { name: to, from: inTrash.get(to) === tag ? tag : null, to: tag },
      ];
    }),
    ...drop.map(({ fate: { snapshot } }) => ({ name: trashRef(set, snapshot.id), from: snapshot.tag, to: null })),
  ];
}

function reportOf(ctx: Context, { set, digest, remove, drop, stored }: PrunePlan): EventReport {
  return {
    type: 'prune',
    set,
    plan: digest,
    removed: remove.map(({ id, reason }) => {
      const one = stored.get(id);
      if (one === undefined) throw missing(set, id);
      const { tree, manifest } = one.snapshot;
      const payload = sha256Of(ctx, one.payload);
      return { id, tag: one.tag, payload, tree, manifest: `sha256:${manifest}`, rule: reason };
    }),
    dropped: drop.map(({ fate: { snapshot } }) => snapshot),
  };
}

function missing(set: string, id: string): SnapshotError {
  return new SnapshotError('untrusted', `'${snapshotRef(set, id)}' is gone or damaged, and is to be pruned`, {
    hint: 'Nothing was removed. See "git snapshot log --verify".',
  });
}
