import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { LOG_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import { openLog } from '../log/open-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';

/**
 * Refuses to publish content that was read before something was erased: objects that it counts on may be gone with that.
 *
 * @param since - the end of the log before the content was read
 * @throws {SnapshotError} of kind `conflict`
 */
export async function refuseErasedSince(ctx: Context, trusted: TrustedPolicy, since: Oid | null): Promise<void> {
  if ((await ctx.store.readRef(LOG_REF)) === since) return;
  const { events } = await openLog(ctx, trusted);
  const news = events.slice(events.findIndex(({ oid }) => oid === since) + 1);
  if (!news.some(({ event }) => event.type === 'erase' && event.action === 'erase')) return;
  throw new SnapshotError('conflict', 'something was erased meanwhile, and with it perhaps what this snapshot holds', {
    hint: 'Nothing was published. Run the command again.',
  });
}
