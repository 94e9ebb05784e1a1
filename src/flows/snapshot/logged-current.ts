import type { AuditEvent } from '../../core/audit/event.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { Verifying } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import { logFault, openLog } from '../log/open-log.ts';
import { loadPolicy } from '../policy/load-policy.ts';

/**
 * The tag of the snapshot that a set's directory should be by the log: the last that somebody took, or put back as a whole.
 * Undefined where the log tells of none, or is not to be believed: this is asked where nothing better is known, also in an
 * emergency.
 */
export async function loggedCurrent(ctx: Verifying, set: string): Promise<Oid | undefined> {
  const log = await believedLog(ctx);
  for (const { event, oid } of [...(log?.events ?? [])].reverse()) {
    const tag = log?.voided.has(oid) ? undefined : tagPutInPlace(event, set);
    if (tag !== undefined) return tag;
  }
  return undefined;
}

async function believedLog(ctx: Verifying): Promise<Log | undefined> {
  try {
    const log = await openLog(ctx, await loadPolicy(ctx));
    return logFault(log) === undefined ? log : undefined;
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return undefined;
  }
}

/** The snapshot that the whole directory was after the event. A backup shows only what was there before a rollback. */
function tagPutInPlace(event: AuditEvent, set: string): Oid | undefined {
  if (event.type === 'snapshot' && event.set === set && event.backup !== true) return event.snapshot.tag;
  const isWhole = event.type === 'rollback' && event.set === set && event.paths === undefined;
  return isWhole && event.outcome === 'applied' ? event.to.tag : undefined;
}
