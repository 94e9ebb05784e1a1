import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import type { Oid } from '../../core/oid.ts';
import { approvalRef, promotionRef, snapshotRef } from '../../core/refs.ts';
import { key16 } from '../../core/signing.ts';

/** A ref as the log tells of it. */
export interface ExpectedRef {
  readonly tag: Oid;
  readonly logged: LoggedEvent;
}

/** The refs that the events come to, by name. Of what a key says of a promotion, the last word has the ref. */
export function expectedRefs(events: readonly LoggedEvent[]): ReadonlyMap<string, ExpectedRef> {
  const refs = new Map<string, ExpectedRef>();
  for (const logged of events) {
    const { event } = logged;
    if (event.type === 'snapshot')
      refs.set(snapshotRef(event.set, event.snapshot.id), { tag: event.snapshot.tag, logged });
    else if (event.type === 'promotion') refs.set(promotionRef(event), { tag: event.tag, logged });
    else if (event.type === 'approval') refs.set(approvalRef(event, key16(event.key)), { tag: event.tag, logged });
  }
  return refs;
}
