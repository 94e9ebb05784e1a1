import type { AuditEvent } from '../../core/audit/event.ts';
import { isBack, lastTaken, type MeasuredLog } from '../../core/levels/measurements.ts';
import type { Log } from '../log/open-log.ts';
import type { PastRehearsal, RehearsalReport } from './results.ts';

const MAX_HISTORY = 50;

/** The last rehearsals of a set that count, newest first. */
export function pastRehearsals(log: Pick<Log, 'events' | 'voided'>, set: string): PastRehearsal[] {
  return countingRehearsals(log, set)
    .slice(-MAX_HISTORY)
    .reverse()
    .map((event) => ({
      seq: event.seq,
      atSec: eventAtSec(event),
      snapshot: event.snapshot.id,
      environment: event.environment,
      verdict: event.verdict,
      recoveryMs: event.recoveryMs,
      isBack: isBack(event),
      actor: event.actor,
    }));
}

/** The last snapshot that somebody took of a set, and its age. */
export function lastSnapshot(
  log: MeasuredLog,
  { set, nowSec }: { readonly set: string; readonly nowSec: number },
): RehearsalReport['last'] {
  const last = lastTaken(log, set);
  if (last === undefined) return undefined;
  return { snapshot: last.snapshot.id, atSec: eventAtSec(last), ageSec: Math.max(0, nowSec - eventAtSec(last)) };
}

/** The rehearsals of a set that count, oldest first. */
export function countingRehearsals(
  { events, voided }: Pick<Log, 'events' | 'voided'>,
  set: string,
): (AuditEvent & { type: 'rehearsal' })[] {
  return events.flatMap(({ event, oid }) =>
    event.type === 'rehearsal' && event.set === set && !voided.has(oid) ? [event] : [],
  );
}

/** When an event says that it happened, in seconds since the Unix epoch. */
export function eventAtSec({ at }: Pick<AuditEvent, 'at'>): number {
  return Math.floor(Date.parse(at) / 1000);
}
