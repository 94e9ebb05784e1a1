import type { AuditEvent } from '../audit/event.ts';
import type { Oid } from '../oid.ts';

/** A snapshot as the log names it. */
export interface SnapshotName {
  readonly id: string;
  readonly tag: Oid;
  readonly payload: string;
}

/** What became of a snapshot. `dropped` and `erased` ones are gone for good. */
export interface SnapshotFate {
  readonly set: string;
  readonly snapshot: SnapshotName;
  readonly place: 'kept' | 'trash' | 'dropped' | 'erased';
  /** When it came to that place, by the event that put it there. */
  readonly sinceSec: number;
  /** Why it is in the trash. */
  readonly rule: string | undefined;
}

/** A hold that has been neither released nor run out of its snapshot. */
export interface Hold {
  readonly event: AuditEvent & { type: 'hold' };
  /** The commit of its event. */
  readonly oid: Oid;
}

/** A rule of retention that is broken. */
export interface RetentionFault {
  readonly rule: string;
  readonly detail: string;
}

/** What was asked to be erased, and by whom. */
export interface Erasure {
  readonly set: string;
  readonly snapshots: readonly SnapshotName[];
  readonly askedBy: readonly string[];
  readonly reason: string;
  readonly sinceSec: number;
}

/**
 * Where every snapshot is (kept, in the trash, gone), what is held, and what was asked to be erased, as the log tells of it.
 *
 * What was done to snapshots is never taken back by a revocation of the key that did it: refs were moved. Holds and askings are.
 */
export class RetentionLedger {
  readonly #fates = new Map<string, SnapshotFate>();
  /** How many snapshots of each set are kept. */
  readonly #kept = new Map<string, number>();
  readonly #holds = new Map<string, Map<string, Hold>>();
  readonly #erasures = new Map<string, Erasure>();
  readonly #backups = new Map<string, string>();
  /** The latest time that any event states, in seconds since the epoch. */
  #latestSec = 0;

  /** What became of a snapshot; undefined if the log does not tell of it. */
  fate(set: string, id: string): SnapshotFate | undefined {
    return this.#fates.get(`${set}/${id}`);
  }

  /** Of one set, or of all. In the order in which they were taken. */
  fates(set: string | undefined): SnapshotFate[] {
    return [...this.#fates.values()].filter((fate) => set === undefined || fate.set === set);
  }

  keptIn(set: string): number {
    return this.#kept.get(set) ?? 0;
  }

  /** Holds on a snapshot that have not been released, run out or not. */
  holds(set: string, id: string): readonly Hold[] {
    return [...(this.#holds.get(`${set}/${id}`)?.values() ?? [])];
  }

  /** Holds that have been neither released nor run out by then. */
  holdsAt(set: string, id: string, atSec: number): readonly Hold[] {
    return this.holds(set, id).filter(({ event }) => !isOver(event, atSec));
  }

  allHolds(): readonly Hold[] {
    return [...this.#holds.values()].flatMap((holds) => [...holds.values()]);
  }

  /** What was asked to be erased and has not been, with these very snapshots. */
  erasure(set: string, snapshots: readonly SnapshotName[]): Erasure | undefined {
    return this.#erasures.get(erasureKey(set, snapshots));
  }

  erasures(): readonly Erasure[] {
    return [...this.#erasures.values()];
  }

  /** Id of what the directory was before the last rollback of a set, which undoing it needs. */
  undoes(set: string): string | undefined {
    return this.#backups.get(set);
  }

  /** Enters an event that may stand where it does. */
  enter(event: AuditEvent, oid: Oid): void {
    this.#enterMoves(event);
    if (event.type === 'hold') {
      const place = `${event.set}/${event.snapshot.id}`;
      this.#holds.set(place, (this.#holds.get(place) ?? new Map()).set(event.case, { event, oid }));
    } else if (event.type === 'release') {
      this.#holds.get(`${event.set}/${event.snapshot.id}`)?.delete(event.case);
    } else if (event.type === 'erase' && event.action === 'ask') {
      this.#ask(event);
    }
  }

  /** Enters an event that does not count any more: what it did to refs was done all the same. */
  enterVoid(event: AuditEvent): void {
    this.#enterMoves(event);
  }

  #enterMoves(event: AuditEvent): void {
    const sinceSec = timeOf(event.at);
    this.#latestSec = Math.max(this.#latestSec, sinceSec);
    if (event.type === 'snapshot') {
      this.#put({ set: event.set, snapshot: event.snapshot, place: 'kept', sinceSec, rule: undefined });
    } else if (event.type === 'prune') {
      const { set, removed, dropped } = event;
      // Whoever dates a removal back would have its grace period over at once.
      for (const { id, tag, payload, rule } of removed)
        this.#put({ set, snapshot: { id, tag, payload }, place: 'trash', sinceSec: this.#latestSec, rule });
      for (const snapshot of dropped) this.#put({ set, snapshot, place: 'dropped', sinceSec, rule: undefined });
    } else if (event.type === 'undelete') {
      this.#put({ set: event.set, snapshot: event.snapshot, place: 'kept', sinceSec, rule: undefined });
    } else if (event.type === 'erase' && event.action === 'erase') {
      const { set, snapshots } = event;
      for (const snapshot of snapshots) this.#put({ set, snapshot, place: 'erased', sinceSec, rule: undefined });
      this.#erasures.delete(erasureKey(set, snapshots));
    } else if (event.type === 'rollback' && event.outcome === 'applied') {
      this.#backups.set(event.set, event.from.id);
    }
  }

  #put(fate: SnapshotFate): void {
    const { set, snapshot, place } = fate;
    const name = `${set}/${snapshot.id}`;
    const wasKept = this.#fates.get(name)?.place === 'kept' ? 1 : 0;
    this.#kept.set(set, this.keptIn(set) - wasKept + (place === 'kept' ? 1 : 0));
    this.#fates.set(name, fate);
    if (place === 'dropped' || place === 'erased') this.#holds.delete(name);
  }

  #ask({ set, snapshots, actor, reason, at }: AuditEvent & { type: 'erase' }): void {
    const former = this.erasure(set, snapshots);
    const askedBy = [...(former?.askedBy ?? []), actor];
    const erasure = former ?? { set, snapshots, reason, sinceSec: timeOf(at) };
    this.#erasures.set(erasureKey(set, snapshots), { ...erasure, askedBy });
  }
}

/** Whether a hold has run out by then. */
export function isOver({ until }: { readonly until?: string | undefined }, atSec: number): boolean {
  return until !== undefined && timeOf(until) <= atSec;
}

/** What is asked for is these snapshots, in whatever order. */
function erasureKey(set: string, snapshots: readonly SnapshotName[]): string {
  const payloads = snapshots.map(({ payload }) => payload).sort();
  return [set, ...payloads].join(' ');
}

/** Seconds since the epoch of an event's time. */
export function timeOf(at: string): number {
  return Math.floor(Date.parse(at) / 1000);
}
