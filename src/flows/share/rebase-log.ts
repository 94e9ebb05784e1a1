import { summarizeEvent } from '../../core/audit/describe-event.ts';
import type { AuditEvent } from '../../core/audit/event.ts';
import { encodeEventMessage } from '../../core/audit/event.ts';
import type { EventFault, LogState } from '../../core/audit/judge-event.ts';
import { afterEvent, EMPTY_LOG, judgeEvent, judgingVersions } from '../../core/audit/judge-event.ts';
import { LedgerHistory } from '../../core/audit/ledger-history.ts';
import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import { encodeCommit, signCommit } from '../../core/git/commit.ts';
import type { Oid } from '../../core/oid.ts';
import { personOf, rootPeople } from '../../core/policy/roles.ts';
import type { PolicyTimeline } from '../../core/policy/timeline.ts';
import { formerName } from '../../core/share/expect-on-top.ts';
import type { KeyId } from '../../core/signing.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import type { Actor } from '../log/actor.ts';
import { addNote } from '../log/notes.ts';
import type { StoredPolicy } from '../policy/read-policy.ts';
import { goneFault } from './gone-fault.ts';
import type { EventPlace } from './move-event.ts';
import { EventMover } from './move-event.ts';
import type { LeftOutEvent, RebasedEvent } from './results.ts';

/** Own events, and the log that they are to be put on top of. */
export interface LogToRebase {
  /** The remote's, judged and good. */
  readonly base: readonly LoggedEvent[];
  /** Ours that are not in it, oldest first. */
  readonly own: readonly LoggedEvent[];
  /** Number of the last event that both have. */
  readonly forkSeq: number;
  readonly timeline: PolicyTimeline<StoredPolicy>;
  readonly actor: Pick<Actor, 'signer' | 'identity'>;
  /** Own events that are left out, by number, and why. */
  readonly leave: ReadonlyMap<number, string>;
}

/** An event that cannot stand on top of the remote's, and why. */
export interface StuckEvent {
  readonly logged: LoggedEvent;
  readonly fault: EventFault;
}

/** The log as it is with own events on top of the remote's. */
export interface RebasedLog {
  readonly events: readonly LoggedEvent[];
  readonly state: LogState;
  readonly rebased: readonly RebasedEvent[];
  readonly leftOut: readonly LeftOutEvent[];
  /** None: the log can take the place of ours. */
  readonly stuck: readonly StuckEvent[];
  /** Old tags of snapshots, and what they were signed anew as. */
  readonly movedTags: ReadonlyMap<Oid, Oid>;
}

/**
 * Signs own events again on top of a remote's log, in their order and by the very rules of the log: each as it was where that may
 * stand. Writes objects and moves no ref.
 */
export async function rebaseLog(
  ctx: Context,
  { base, own, forkSeq, timeline, actor, leave }: LogToRebase,
): Promise<RebasedLog> {
  const log = new GrowingLog(ctx, { timeline, actor, forkSeq });
  for (const logged of base) log.enter(logged);
  const mover = new EventMover(ctx);
  const rebased: RebasedEvent[] = [];
  const leftOut: LeftOutEvent[] = [];
  const stuck: StuckEvent[] = [];
  const progress = ctx.report.phase('Signing events again');
  for (const [i, logged] of own.entries()) {
    progress(i, own.length);
    const { event } = logged;
    const { type, seq } = event;
    const reason = leave.get(seq);
    const moved = reason === undefined ? await mover.move(event, log.place()) : { pointless: reason };
    if ('pointless' in moved) {
      leftOut.push({ type, description: summarizeEvent(event), seq, reason: moved.pointless });
      continue;
    }
    const placed = log.judged(moved.event);
    if ('fault' in placed) {
      stuck.push({ logged, fault: placed.fault });
      continue;
    }
    const seqAfter = await log.append(placed.event);
    const description = summarizeEvent(placed.event);
    rebased.push({
      type,
      description,
      seqBefore: seq,
      seqAfter,
      was: formerName(event, placed.event),
      changed: !isSame(event, placed.event),
    });
  }
  const { events, state } = log;
  return { events, state, rebased, leftOut, stuck, movedTags: mover.names.tags };
}

/**
 * Which own events could not stand on top of a remote's log, by all that can be told without signing anything.
 *
 * @param own - as they are expected to be there
 */
export function foreseeStuck(
  ctx: Context,
  { base, own, ...log }: Pick<LogToRebase, 'base' | 'own' | 'forkSeq' | 'timeline' | 'actor'>,
): StuckEvent[] {
  const growing = new GrowingLog(ctx, log);
  for (const logged of base) growing.enter(logged);
  const stuck: StuckEvent[] = [];
  for (const logged of own) {
    const placed = growing.judged(logged.event);
    if ('fault' in placed) stuck.push({ logged, fault: placed.fault });
    else growing.enter({ ...logged, event: placed.event });
  }
  return stuck;
}

/** A log that events are put on top of. */
class GrowingLog {
  readonly #ctx: Context;
  readonly #timeline: PolicyTimeline<StoredPolicy>;
  readonly #actor: Pick<Actor, 'signer' | 'identity'>;
  readonly #forkSeq: number;
  readonly #history = new LedgerHistory();
  readonly events: LoggedEvent[] = [];
  state = EMPTY_LOG;

  constructor(ctx: Context, { timeline, actor, forkSeq }: Pick<LogToRebase, 'timeline' | 'actor' | 'forkSeq'>) {
    this.#ctx = ctx;
    this.#timeline = timeline;
    this.#actor = actor;
    this.#forkSeq = forkSeq;
  }

  /** Enters an event that was judged. */
  enter(logged: LoggedEvent): void {
    this.state = afterEvent(this.state, logged);
    this.events.push(logged);
    const version = this.#timeline.version(this.state.version);
    if (version !== undefined) this.#history.accept(logged.event, logged.oid, version);
  }

  /** Where the next event comes to stand. */
  place(): EventPlace {
    const inForce = this.#timeline.version(this.state.version);
    if (inForce === undefined || this.state.oid === null) throw new Error('a sound log has a policy and an event');
    return { signer: this.#actor.signer, inForce, tip: this.state.oid, history: this.#history };
  }

  /** The event as it may stand here: with the time that it has or, where that may not be, with the present. */
  judged(event: AuditEvent): { readonly event: AuditEvent } | { readonly fault: EventFault } {
    const placed = this.#placed(event);
    const fault = this.#fault(placed);
    if (fault === undefined) return { event: placed };
    const later = { ...placed, at: new Date(nowSec(this.#ctx) * 1000).toISOString().replace('.000Z', 'Z') };
    return this.#fault(later) === undefined ? { event: later } : { fault };
  }

  #placed(event: AuditEvent): AuditEvent {
    const { key } = this.#actor.signer;
    const seq = this.state.seq + 1;
    if (event.type === 'policy') {
      const judges = judgingVersions(this.state, event, this.#timeline);
      const holder = judges.find(({ policy }) => rootPeople(policy, [key]).size > 0);
      return { ...event, seq, key, actor: (holder && personOf(holder.policy, key)) ?? event.actor };
    }
    const { policy, digest } = this.place().inForce;
    const actor = personOf(policy, key) ?? event.actor;
    return { ...event, seq, key, actor, policy: { version: policy.version, digest } };
  }

  #fault(event: AuditEvent): EventFault | undefined {
    const verification = { status: 'good', key: event.key, signedAtSec: undefined } as const;
    const fault = judgeEvent(this.state, { logged: { event }, verification }, this.#timeline);
    return (
      fault ??
      goneFault(event, this.#history) ??
      this.#history.fault(event, this.place().inForce.policy) ??
      this.#revocationFault(event)
    );
  }

  /** A revocation names a place of the log: it may be another event that is there now. */
  #revocationFault({ type, policy }: AuditEvent): EventFault | undefined {
    if (type !== 'policy') return undefined;
    const revokedBy = (version: number) => this.#timeline.version(version)?.policy.revoked ?? {};
    const before = revokedBy(policy.version - 1);
    for (const [key, { since }] of Object.entries(revokedBy(policy.version))) {
      if (since <= this.#forkSeq + 1 || before[key as KeyId]?.since === since) continue;
      const detail = `revokes ${key} from event ${since} on, and events after ${this.#forkSeq} have other numbers now`;
      return { rule: 'revocation', detail };
    }
    return undefined;
  }

  /** Signs the event and writes it. @returns its number */
  async append(event: AuditEvent): Promise<number> {
    const { store } = this.#ctx;
    const { signer, identity } = this.#actor;
    const last = this.events.at(-1);
    const notes = await addNote(this.#ctx, event, last?.commit.tree);
    const commit = { tree: notes.root, parent: last?.oid };
    const payload = encodeCommit({
      ...commit,
      author: { ...identity, atSec: Math.floor(Date.parse(event.at) / 1000) },
      message: encodeEventMessage(event),
    });
    const body = signCommit(payload, await signer.sign(payload), store.format);
    const [oid] = (await store.writeObjects([...notes.objects, { type: 'commit', body }])).slice(-1) as [Oid];
    this.enter({ oid, commit, event });
    return event.seq;
  }
}

/** Whether an event says the same in another place. */
function isSame(before: AuditEvent, after: AuditEvent): boolean {
  const { seq, at, policy } = before;
  return JSON.stringify({ ...after, seq, at, policy }) === JSON.stringify(before);
}
