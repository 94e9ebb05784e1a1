import type { Oid } from '../oid.ts';
import type { AuditEvent } from './event.ts';
import type { LoggedEvent } from './logged-event.ts';

/** A commit and its tree, the event, and the commit's parent where that is not the commit of the event before. */
type Row = readonly [Oid, Oid, AuditEvent, Oid?];

/** Events that count, from the log's first on, as JSON that is read in less time than their commits. */
export type KeptEvents = readonly Row[];

/** The JSON of events that count, which begin with the log's first. */
export function encodeKeptEvents(events: readonly LoggedEvent[]): KeptEvents {
  return events.map(({ oid, commit: { tree, parent }, event }, i): Row => {
    const isUsual = parent === events[i - 1]?.oid || parent === undefined;
    return isUsual ? [oid, tree, event] : [oid, tree, event, parent];
  });
}

/** Reads what {@link encodeKeptEvents} gave. Nothing is checked: whoever kept it must know that it is the same. */
export function decodeKeptEvents(rows: KeptEvents): LoggedEvent[] {
  let previous: Oid | undefined;
  return rows.map(([oid, tree, event, parent = previous]) => {
    previous = oid;
    return { oid, commit: { tree, parent }, event };
  });
}
