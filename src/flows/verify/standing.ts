import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { Context } from '../context.ts';
import { logFault, openLog } from '../log/open-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { removalFault } from './judge-snapshot.ts';

/**
 * Why a snapshot cannot be counted on, as far as the log alone can tell: it has no event, or one that does not count any more.
 * Checks no signature of the snapshot, and reads nothing of it: for those who only want to say that they have it.
 */
export async function standingFault(ctx: Context, trusted: TrustedPolicy, tag: Oid): Promise<string | undefined> {
  try {
    const log = await openLog(ctx, trusted);
    const fault = logFault(log);
    if (fault !== undefined) return fault;
    const logged = log.events.findLast(({ event }) => event.type === 'snapshot' && event.snapshot.tag === tag);
    if (logged?.event.type !== 'snapshot') return 'no event of the log tells of it';
    const { set, snapshot } = logged.event;
    return log.voided.get(logged.oid) ?? removalFault(log, { set, id: snapshot.id });
  } catch (error) {
    // In an emergency the directory can still be compared.
    if (!(error instanceof SnapshotError)) throw error;
    return error.message;
  }
}
