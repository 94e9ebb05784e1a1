import type { AuditEvent } from '../../core/audit/event.ts';
import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import type { Log } from '../log/open-log.ts';
import type { PastRehearsal, RehearsalReport } from './results.ts';

const MAX_HISTORY = 50;

/** The last rehearsals of a set that count, newest first. */
export function pastRehearsals(log: Pick<Log, 'events' | 'voided'>, set: string): PastRehearsal[] {
  return countingEvents(log, 'rehearsal', set)
    .slice(-MAX_HISTORY)
    .reverse()
    .map((event) => ({
      seq: event.seq,
      atSec: eventAtSec(event),
      snapshot: event.snapshot.id,
      environment: event.environment,
      verdict: event.verdict,
      recoveryMs: event.recoveryMs,
      actor: event.actor,
    }));
}

/** The last snapshot of a set by the log's order, and its age. */
export function lastSnapshot(
  log: Pick<Log, 'events' | 'voided'>,
  { set, nowSec }: { readonly set: string; readonly nowSec: number },
): RehearsalReport['last'] {
  const last = countingEvents(log, 'snapshot', set).at(-1);
  if (last === undefined) return undefined;
  return { snapshot: last.snapshot.id, atSec: eventAtSec(last), ageSec: Math.max(0, nowSec - eventAtSec(last)) };
}

type Typed<Type extends AuditEvent['type']> = Extract<AuditEvent, { type: Type }>;

/** Events of one type and set that count, oldest first. */
export function countingEvents<Type extends 'rehearsal' | 'snapshot'>(
  { events, voided }: Pick<Log, 'events' | 'voided'>,
  type: Type,
  set: string,
): Typed<Type>[] {
  const isWanted = (event: LoggedEvent['event']): event is Typed<Type> => event.type === type && event.set === set;
  return events.flatMap(({ event, oid }) => (isWanted(event) && !voided.has(oid) ? [event] : []));
}

/** When an event says that it happened, in seconds since the Unix epoch. */
export function eventAtSec({ at }: Pick<AuditEvent, 'at'>): number {
  return Math.floor(Date.parse(at) / 1000);
}
