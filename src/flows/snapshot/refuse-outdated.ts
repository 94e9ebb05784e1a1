import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { LOG_REF } from '../../core/refs.ts';
import type { Context, GovernedSet } from '../context.ts';
import { openLog } from '../log/open-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { unfinishedError } from '../rollback/unfinished-error.ts';

/** A directory that was read, and when. */
export interface EarlierReading {
  readonly trusted: TrustedPolicy;
  readonly set: GovernedSet;
  /** The end of the log before the directory was read. */
  readonly since: Oid | null;
}

/**
 * Refuses to go by content that was read before something was erased, or while a rollback was at work: objects that it counts on
 * may be gone, or it may be half of one state and half of another, and would pass for what the directory was to be since.
 *
 * @throws {SnapshotError} of kind `conflict`, or `unfinished`
 */
export async function refuseOutdated(ctx: Context, { trusted, set, since }: EarlierReading): Promise<void> {
  const unfinished = (await ctx.replacer(set)).unfinished();
  if (unfinished !== undefined) throw unfinishedError(unfinished);
  if ((await ctx.store.readRef(LOG_REF)) === since) return;
  const { events } = await openLog(ctx, trusted);
  const news = events.slice(events.findIndex(({ oid }) => oid === since) + 1).map(({ event }) => event);
  const refuse = (what: string) =>
    new SnapshotError('conflict', what, { hint: 'Nothing was published. Run the command again.' });
  if (news.some((event) => event.type === 'erase' && event.action === 'erase'))
    throw refuse('something was erased meanwhile, and with it perhaps what this snapshot holds');
  if (news.some((event) => event.type === 'rollback' && event.set === set.name))
    throw refuse(`the set '${set.name}' was rolled back meanwhile: what was read is not what is there now`);
}
