import type { Oid } from '../oid.ts';
import { approvalRef, holdRef, mirrorRef, promotionRef, snapshotRef, trashRef } from '../refs.ts';
import { key16 } from '../signing.ts';
import type { AuditEvent } from './event.ts';
import type { LoggedEvent } from './logged-event.ts';

/** A ref as the log tells of it. */
export interface ExpectedRef {
  readonly tag: Oid;
  readonly logged: LoggedEvent;
}

/** The refs that events come to, entered in the order of the log. */
export class ExpectedRefs {
  readonly #refs = new Map<string, ExpectedRef>();
  /** Refs of what stands on a snapshot (promotions, what was said of them, holds), by the digest of its signed bytes. */
  readonly #onSnapshot = new Map<string, Set<string>>();
  /** The snapshot that each promotion is of. */
  readonly #promoted = new Map<string, string>();

  constructor(events: Iterable<LoggedEvent> = []) {
    for (const logged of events) this.enter(logged);
  }

  /** By name. Of what a key says of a promotion, the last word has the ref. */
  get refs(): ReadonlyMap<string, ExpectedRef> {
    return this.#refs;
  }

  enter(logged: LoggedEvent): void {
    const { event } = logged;
    switch (event.type) {
      case 'snapshot':
        this.#refs.set(snapshotRef(event.set, event.snapshot.id), { tag: event.snapshot.tag, logged });
        return;
      case 'promotion':
        this.#promoted.set(promotionRef(event), event.snapshot.payload);
        this.#standOn(event.snapshot.payload, promotionRef(event), { tag: event.tag, logged });
        return;
      case 'approval': {
        const ref = approvalRef(event, key16(event.key));
        this.#standOn(this.#promoted.get(promotionRef(event)) ?? '', ref, { tag: event.tag, logged });
        return;
      }
      case 'hold':
        this.#standOn(event.snapshot.payload, holdRef({ ...event, id: event.snapshot.id }), { tag: event.tag, logged });
        return;
      case 'release':
        this.#refs.delete(holdRef({ ...event, id: event.snapshot.id }));
        return;
      case 'prune':
        for (const { id, tag } of event.removed)
          this.#move(logged, { from: snapshotRef(event.set, id), to: trashRef(event.set, id), tag });
        for (const { id, payload } of event.dropped) this.#remove(event.set, id, payload);
        return;
      case 'undelete': {
        const { id, tag } = event.snapshot;
        this.#move(logged, { from: trashRef(event.set, id), to: snapshotRef(event.set, id), tag });
        return;
      }
      case 'erase':
        if (event.action === 'erase')
          for (const { id, payload } of event.snapshots) this.#remove(event.set, id, payload);
        return;
      case 'policy':
      case 'rollback':
      case 'repair':
      case 'rehearsal':
      case 'resume':
        return;
    }
  }

  #standOn(payload: string, name: string, expected: ExpectedRef): void {
    const names = this.#onSnapshot.get(payload) ?? new Set();
    this.#onSnapshot.set(payload, names.add(name));
    this.#refs.set(name, expected);
  }

  #move(logged: LoggedEvent, { from, to, tag }: { from: string; to: string; tag: Oid }): void {
    this.#refs.delete(from);
    this.#refs.set(to, { tag, logged });
  }

  /** What stands on a snapshot goes with it: any tag of it would keep its content. */
  #remove(set: string, id: string, payload: string): void {
    this.#refs.delete(snapshotRef(set, id));
    this.#refs.delete(trashRef(set, id));
    for (const name of this.#onSnapshot.get(payload) ?? []) this.#refs.delete(name);
    this.#onSnapshot.delete(payload);
  }
}

/** The refs that an event makes or moves, with what they are at then. */
export function refsMadeBy(event: AuditEvent): { readonly name: string; readonly oid: Oid }[] {
  switch (event.type) {
    case 'snapshot':
    case 'undelete':
      return [{ name: snapshotRef(event.set, event.snapshot.id), oid: event.snapshot.tag }];
    case 'promotion':
      return [{ name: promotionRef(event), oid: event.tag }];
    case 'approval':
      return [{ name: approvalRef(event, key16(event.key)), oid: event.tag }];
    case 'hold':
      return [{ name: holdRef({ ...event, id: event.snapshot.id }), oid: event.tag }];
    case 'prune':
      return event.removed.map(({ id, tag }) => ({ name: trashRef(event.set, id), oid: tag }));
    case 'release':
    case 'erase':
    case 'policy':
    case 'rollback':
    case 'repair':
    case 'rehearsal':
    case 'resume':
      return [];
  }
}

/** The tag that mirrors a promotion's ref, where the policy asks for such tags; undefined for refs of another kind. */
export function mirrorOf({ logged: { event } }: ExpectedRef): string | undefined {
  return event.type === 'promotion' ? mirrorRef(event) : undefined;
}
