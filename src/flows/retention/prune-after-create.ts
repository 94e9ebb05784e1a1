import { SnapshotError } from '../../core/errors.ts';
import { retentionOf } from '../../core/retention/rules-of-set.ts';
import type { Context } from '../context.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { PruneOutcome } from './apply-prune.ts';
import { applyPrune } from './apply-prune.ts';

/**
 * Prunes a set after a snapshot was taken, where the policy says so or it is asked for. That the snapshot was taken stands
 * whatever comes of this: a refusal is told, and is no error.
 */
export async function pruneAfterCreate(
  ctx: Context,
  { set, asked }: { readonly set: string | undefined; readonly asked: boolean },
): Promise<PruneOutcome | undefined> {
  const { policy } = await loadPolicy(ctx);
  if (!asked && retentionOf(policy, governedSet(policy, set).name)?.pruneOnCreate !== true) return undefined;
  try {
    return await applyPrune(ctx, { set, plan: undefined, maxRemove: undefined });
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    ctx.note(`warning: nothing was pruned: ${error.message}`);
    return undefined;
  }
}
