import { SnapshotError } from '../../core/errors.ts';
import type { SnapshotFate } from '../../core/retention/ledger.ts';
import type { Context } from '../context.ts';
import { openLog } from '../log/open-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { purgeErased } from './purge-erased.ts';
import { requireNoRollback } from './without-rollback.ts';

/**
 * Takes out what an exchange brought of erased snapshots: a remote that has not heard of the erasure yet still gives them, and a
 * clone that hears of it has them of old. Looks for their tags, and does nothing where none is there.
 */
export async function purgeAfterExchange(ctx: Context): Promise<void> {
  const trusted = await loadPolicy(ctx);
  const log = await openLog(ctx, trusted);
  const erased = log.retention.fates(undefined).filter(({ place }) => place === 'erased');
  if (erased.length === 0) return;
  const there = await ctx.store.describeObjects(erased.map(({ snapshot }) => snapshot.tag));
  const back = erased.filter(({ snapshot }) => there.has(snapshot.tag));
  if (back.length === 0) return;
  const fault = await rollbackInTheWay(ctx, trusted, back);
  if (fault !== undefined) {
    ctx.note(`warning: what was erased is still here: ${fault}`);
    ctx.note('  end it, then run "git snapshot erase --purge"');
    return;
  }
  const { purged, left } = await purgeErased(
    { ctx, log },
    back.map(({ snapshot }) => snapshot),
  );
  ctx.note(
    `${purged} ${purged === 1 ? 'object' : 'objects'} of erased snapshots ${purged === 1 ? 'was' : 'were'} removed`,
  );
  if (left.length > 0) ctx.note(`warning: ${left.length} of them are still here; see "git snapshot erase --purge"`);
}

/** The rollback of one of their sets that has begun and not ended: it may need what was erased to be taken back. */
async function rollbackInTheWay(
  ctx: Context,
  { policy }: TrustedPolicy,
  erased: readonly SnapshotFate[],
): Promise<string | undefined> {
  for (const name of new Set(erased.map(({ set }) => set))) {
    if (!Object.hasOwn(policy.sets, name)) continue;
    try {
      await requireNoRollback({ ctx, set: governedSet(policy, name) });
    } catch (error) {
      if (error instanceof SnapshotError && error.kind === 'unfinished') return error.message;
      throw error;
    }
  }
  return undefined;
}
