import type { AuditEvent } from '../audit/event.ts';
import type { LoggedEvent } from '../audit/logged-event.ts';
import type { Oid } from '../oid.ts';
import type { RetentionLedger } from '../retention/ledger.ts';
import { timeOf } from '../retention/ledger.ts';

/** How long something took, and when. */
export interface Measurement {
  readonly atSec: number;
  readonly ms: number;
}

/** What the log has measured of a set. Each list oldest first. */
export interface Measurements {
  readonly snapshot: readonly Measurement[];
  readonly verify: readonly Measurement[];
  readonly rollback: readonly Measurement[];
  readonly recovery: readonly Measurement[];
  /** See {@link lastTaken}. */
  readonly lastSnapshotAtSec: number | undefined;
  readonly lastRehearsal: { readonly atSec: number; readonly passed: boolean } | undefined;
  readonly lastPassedRehearsalAtSec: number | undefined;
}

/** The log, as far as it is measured. */
export interface MeasuredLog {
  readonly events: readonly LoggedEvent[];
  readonly voided: ReadonlyMap<Oid, unknown>;
  readonly retention: Pick<RetentionLedger, 'fate'>;
}

/**
 * What the events of a set measured. Events that do not count any more measure nothing.
 *
 * Of rollbacks, those count that put the whole directory back: one of a few paths is quick, and one that was taken back has
 * not arrived. Of rehearsals, those count that brought every byte back, though they failed by being slow: of one that stopped on
 * the way, nobody knows how long it would have taken.
 */
export function measurementsOf(log: MeasuredLog, set: string): Measurements {
  const { events, voided } = log;
  const found = events
    .filter(({ oid, event }) => !voided.has(oid) && 'set' in event && event.set === set)
    .map(({ event }) => event);
  const last = (is: (event: AuditEvent) => boolean) => found.findLast(is);
  const timeOfLast = (is: (event: AuditEvent) => boolean) => {
    const event = last(is);
    return event === undefined ? undefined : timeOf(event.at);
  };
  const rehearsal = last(({ type }) => type === 'rehearsal');
  const lastSnapshot = lastTaken(log, set);
  return {
    snapshot: measure(found, (event) => (event.type === 'snapshot' ? event.durationMs : undefined)),
    verify: measure(found, (event) => (event.type === 'promotion' ? event.verifyMs : undefined)),
    rollback: measure(found, (event) =>
      event.type === 'rollback' && event.outcome === 'applied' && event.paths === undefined
        ? event.durationMs
        : undefined,
    ),
    recovery: measure(found, (event) => (event.type === 'rehearsal' && isBack(event) ? event.recoveryMs : undefined)),
    lastSnapshotAtSec: lastSnapshot === undefined ? undefined : timeOf(lastSnapshot.at),
    lastRehearsal:
      rehearsal?.type === 'rehearsal'
        ? { atSec: timeOf(rehearsal.at), passed: rehearsal.verdict === 'pass' }
        : undefined,
    lastPassedRehearsalAtSec: timeOfLast((event) => event.type === 'rehearsal' && event.verdict === 'pass'),
  };
}

/**
 * The last snapshot of a set that somebody took and that is still kept: what came after it is lost with the directory. A
 * backup of a rollback is none: nobody can count on one being made.
 */
export function lastTaken(
  { events, voided, retention }: MeasuredLog,
  set: string,
): (AuditEvent & { type: 'snapshot' }) | undefined {
  const event = events.findLast(
    ({ oid, event }) =>
      event.type === 'snapshot' &&
      event.set === set &&
      event.backup !== true &&
      !voided.has(oid) &&
      retention.fate(set, event.snapshot.id)?.place === 'kept',
  )?.event;
  return event?.type === 'snapshot' ? event : undefined;
}

/** Whether a rehearsal had the directory back, as it should be. */
export function isBack({ criteria }: Pick<AuditEvent & { type: 'rehearsal' }, 'criteria'>): boolean {
  return criteria.every(({ criterion, ok }) => criterion !== 'exact' || ok);
}

function measure(events: readonly AuditEvent[], msOf: (event: AuditEvent) => number | undefined): Measurement[] {
  return events.flatMap((event) => {
    const ms = msOf(event);
    return ms === undefined ? [] : [{ atSec: timeOf(event.at), ms }];
  });
}
