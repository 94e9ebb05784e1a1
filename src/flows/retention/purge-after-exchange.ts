import type { Context } from '../context.ts';
import { openLog } from '../log/open-log.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { purgeErased } from './purge-erased.ts';

/**
 * Takes out what an exchange brought of erased snapshots: a remote that has not heard of the erasure yet still gives them, and a
 * clone that hears of it has them of old. Looks for their tags, and does nothing where none is there.
 */
export async function purgeAfterExchange(ctx: Context): Promise<void> {
  const log = await openLog(ctx, await loadPolicy(ctx));
  const erased = log.retention.fates(undefined).filter(({ place }) => place === 'erased');
  if (erased.length === 0) return;
  const there = await ctx.store.describeObjects(erased.map(({ snapshot }) => snapshot.tag));
  const back = erased.filter(({ snapshot }) => there.has(snapshot.tag)).map(({ snapshot }) => snapshot);
  if (back.length === 0) return;
  const { purged, left } = await purgeErased({ ctx, log }, back);
  ctx.note(`${purged} objects of erased snapshots were removed`);
  if (left.length > 0) ctx.note(`warning: ${left.length} of them are still here; see "git snapshot erase --purge"`);
}
