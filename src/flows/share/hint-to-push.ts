import type { Oid } from '../../core/oid.ts';
import { TrackingSpace } from '../../core/share/tracking.ts';
import type { Context } from '../context.ts';

const USUAL = 'origin';

/**
 * Says once that something is not pushed yet: after the first event that the usual remote lacks. No network is used.
 *
 * @param before - the log's tip before the event
 */
export async function hintToPush(ctx: Pick<Context, 'store' | 'advise'>, before: Oid | undefined): Promise<void> {
  if (before === undefined) return;
  const there = await ctx.store.readRef(new TrackingSpace(USUAL).verifiedLog);
  if (there === before) ctx.advise(`'${USUAL}' does not have this yet: git snapshot push`);
}
