import type { AuditEvent } from '../../../src/core/audit/event.ts';
import { approvalRef, holdRef, promotionRef, snapshotRef, trashRef } from '../../../src/core/refs.ts';
import { key16 } from '../../../src/core/signing.ts';

// What events come to, told by looking through all of them anew for each question.

export const GRACE_SEC = 2 * 86_400;
export const DEPTH = 1;
export const NEEDED = 2;

type Log = readonly AuditEvent[];
type Place = 'kept' | 'trash' | 'dropped' | 'erased';

const secondsOf = ({ at }: AuditEvent) => Date.parse(at) / 1000;

/** Where the last event that moved a snapshot put it, and when. */
export function placeOf(log: Log, id: string): { place: Place; sinceSec: number } | undefined {
  for (const event of log.toReversed()) {
    const place = placeBy(event, id);
    if (place !== undefined) return { place, sinceSec: secondsOf(event) };
  }
  return undefined;
}

function placeBy(event: AuditEvent, wanted: string): Place | undefined {
  const has = (some: readonly { id: string }[]) => some.some(({ id }) => id === wanted);
  if (event.type === 'prune') return has(event.removed) ? 'trash' : has(event.dropped) ? 'dropped' : undefined;
  if (event.type === 'erase') return event.action === 'erase' && has(event.snapshots) ? 'erased' : undefined;
  if (event.type !== 'snapshot' && event.type !== 'undelete') return undefined;
  return event.snapshot.id === wanted ? 'kept' : undefined;
}

const isGone = (log: Log, id: string) => ['dropped', 'erased'].includes(placeOf(log, id)?.place ?? '');

/** Holds whose last word is that they are there. */
export function holdsOf(log: Log, id: string): (AuditEvent & { type: 'hold' })[] {
  if (isGone(log, id)) return [];
  const words = log.filter((event) => event.type === 'hold' || event.type === 'release');
  const of = words.filter(({ snapshot }) => snapshot.id === id);
  return of.filter(
    (event): event is AuditEvent & { type: 'hold' } =>
      event.type === 'hold' && of.findLast((other) => other.case === event.case) === event,
  );
}

const isHeld = (log: Log, id: string, atSec: number) =>
  holdsOf(log, id).some(({ until }) => until === undefined || Date.parse(until) / 1000 > atSec);

/** Ids of what is live in `staging` and of what was before, each once. In this model whatever is promoted is live at once. */
function chain(log: Log, set: string): string[] {
  const ids = log.flatMap((event) => (event.type === 'promotion' && event.set === set ? [event.snapshot.id] : []));
  return [...new Set(ids.toReversed())].slice(0, DEPTH + 1);
}

export const keptIn = (log: Log, set: string) =>
  log.filter(
    (event) => event.type === 'snapshot' && event.set === set && placeOf(log, event.snapshot.id)?.place === 'kept',
  ).length;

const sameSnapshots = (a: readonly { id: string }[], b: readonly { id: string }[]) =>
  a.length === b.length && a.every(({ id }) => b.some((other) => other.id === id));

/** Who asked for these to be erased. An erasure of theirs ends it, as nothing of them is left. */
export const askers = (log: Log, snapshots: readonly { id: string }[]) =>
  log.flatMap((event) =>
    event.type === 'erase' && event.action === 'ask' && sameSnapshots(event.snapshots, snapshots) ? [event.actor] : [],
  );

/** Whether an event may come next. */
export function isLawful(log: Log, event: AuditEvent): boolean {
  const atSec = secondsOf(event);
  const isAt = (id: string, ...places: Place[]) => places.includes(placeOf(log, id)?.place ?? 'erased');
  switch (event.type) {
    case 'prune': {
      const { set, removed, dropped } = event;
      const ids = [...removed, ...dropped].map(({ id }) => id);
      return (
        ids.length > 0 &&
        new Set(ids).size === ids.length &&
        removed.every(({ id }) => isAt(id, 'kept') && !isHeld(log, id, atSec) && !chain(log, set).includes(id)) &&
        dropped.every(
          ({ id }) =>
            isAt(id, 'trash') && atSec >= (placeOf(log, id)?.sinceSec ?? 0) + GRACE_SEC && !isHeld(log, id, atSec),
        ) &&
        (removed.length === 0 || removed.length < keptIn(log, set))
      );
    }
    case 'undelete':
      return isAt(event.snapshot.id, 'trash');
    case 'hold':
      return (
        isAt(event.snapshot.id, 'kept') &&
        holdsOf(log, event.snapshot.id).every((hold) => hold.case !== event.case) &&
        (event.until === undefined || Date.parse(event.until) / 1000 > atSec)
      );
    case 'release':
      return holdsOf(log, event.snapshot.id).some(
        (hold) => hold.case === event.case && hold.payload === event.hold && hold.actor !== event.actor,
      );
    case 'erase': {
      const ids = event.snapshots.map(({ id }) => id);
      const mayGo = ids.every(
        (id) => isAt(id, 'kept', 'trash') && !isHeld(log, id, atSec) && chain(log, event.set)[0] !== id,
      );
      const asked = askers(log, event.snapshots);
      const agreed =
        event.action === 'ask' ? !asked.includes(event.actor) : new Set([...asked, event.actor]).size >= NEEDED;
      return mayGo && new Set(ids).size === ids.length && agreed;
    }
    case 'promotion':
      return isAt(event.snapshot.id, 'kept');
    default:
      return true;
  }
}

/** The refs that there must be, and what they name. */
export function refsOf(log: Log): Map<string, string> {
  const refs = new Map<string, string>();
  const promoted = new Map<string, string>();
  for (const event of log) {
    if (event.type === 'snapshot') {
      const { id, tag } = event.snapshot;
      const place = placeOf(log, id)?.place;
      if (place === 'kept') refs.set(snapshotRef(event.set, id), tag);
      if (place === 'trash') refs.set(trashRef(event.set, id), tag);
      for (const hold of holdsOf(log, id)) refs.set(holdRef({ ...hold, id }), hold.tag);
    } else if (event.type === 'promotion') {
      promoted.set(promotionRef(event), event.snapshot.id);
      if (!isGone(log, event.snapshot.id)) refs.set(promotionRef(event), event.tag);
    } else if (event.type === 'approval' && !isGone(log, promoted.get(promotionRef(event)) ?? '')) {
      refs.set(approvalRef(event, key16(event.key)), event.tag);
    }
  }
  return refs;
}
