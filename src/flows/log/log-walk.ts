import type { LogState } from '../../core/audit/judge-event.ts';
import { afterEvent, EMPTY_LOG, judgeEvent, judgingVersions, voidReason } from '../../core/audit/judge-event.ts';
import { LedgerHistory } from '../../core/audit/ledger-history.ts';
import type { LoggedEvent, SignedEvent } from '../../core/audit/logged-event.ts';
import { parseLoggedEvent, readKnownEvent } from '../../core/audit/logged-event.ts';
import { MalformedError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { PolicyTimeline } from '../../core/policy/timeline.ts';
import type { GitObject } from '../../core/ports.ts';
import type { Verification } from '../../core/signing.ts';
import type { Finding } from '../../core/trust/finding.ts';
import type { Context } from '../context.ts';
import type { StoredPolicy } from '../policy/read-policy.ts';
import type { Log } from './open-log.ts';

/** How far the clocks of signers may differ. */
export const MAX_SKEW_SEC = 10 * 60;

/** The rule that an event from the future breaks, and nothing else does. */
export const TIME_RULE = 'time';

type Reading = Pick<Context, 'store' | 'verifier' | 'nowMs'>;

/** An event whose signature is being checked before its turn, and what was assumed of those before it. */
interface Foreseen {
  readonly logged: SignedEvent;
  readonly state: LogState;
  readonly verification: Promise<Verification>;
}

const PASSED_OVER = { rule: 'log', detail: 'a repair passed this over' };

/** Goes through the log's commits, oldest first, and judges each by those before it. */
export class LogWalk {
  readonly #ctx: Reading;
  readonly #timeline: PolicyTimeline<StoredPolicy>;
  readonly #events: LoggedEvent[] = [];
  readonly #voided = new Map<Oid, string>();
  readonly #history = new LedgerHistory();
  #state: LogState = EMPTY_LOG;
  #previous: Oid | undefined;
  /** Commits that do not count, since the last that does. */
  #pending: Finding[] = [];
  #foreseen = new Map<Oid, Foreseen>();

  constructor(ctx: Reading, timeline: PolicyTimeline<StoredPolicy>) {
    this.#ctx = ctx;
    this.#timeline = timeline;
  }

  /** Begins with events that were judged before, the log's first ones. */
  begin(events: readonly LoggedEvent[]): void {
    for (const logged of events) this.#accept(logged);
    this.#previous = events.at(-1)?.oid;
  }

  /**
   * Begins to check the signatures of the commits that come next, many at a time on several threads, as if every event of
   * them counted: in a sound log each does. What was assumed wrongly is checked anew in its place.
   */
  foresee(objects: readonly GitObject[]): void {
    this.#foreseen = new Map();
    let state = this.#state;
    for (const object of objects) {
      const logged = this.#parse(object);
      if (logged instanceof MalformedError) continue;
      const verification = this.#verify(logged, state);
      // Awaited in its place, if it is needed there at all.
      verification.catch(() => {});
      this.#foreseen.set(object.oid, { logged, state, verification });
      state = afterEvent(state, logged);
    }
  }

  #parse(object: GitObject): SignedEvent | MalformedError {
    try {
      return parseLoggedEvent(object, this.#ctx.store.format);
    } catch (error) {
      if (error instanceof MalformedError) return error;
      throw error;
    }
  }

  /** @param known - what was found when this commit was judged before */
  async take(object: GitObject, known: 'good' | 'skipped' | 'unknown'): Promise<void> {
    const previous = this.#previous;
    this.#previous = object.oid;
    try {
      if (known === 'good') return this.#follow(readKnownEvent(object), previous);
      const logged = this.#foreseen.get(object.oid)?.logged ?? this.#parse(object);
      if (logged instanceof MalformedError) throw logged;
      // Whoever listed the commits must not be able to choose: a name stands for all before it.
      if (logged.commit.parent !== previous) throw new MalformedError(`event ${object.oid}`, 'has another parent');
      const fault = known === 'skipped' ? PASSED_OVER : await this.#fault(logged);
      if (fault === undefined) this.#accept(logged);
      else this.#pending.push({ ...fault, object: object.oid });
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      this.#pending.push({ rule: 'format', object: object.oid, detail: error.message });
    }
  }

  /** Accepts an event that was judged before, if it stands where it stood. */
  #follow(logged: LoggedEvent, previous: Oid | undefined): void {
    if (logged.commit.parent !== previous) throw new MalformedError(`event ${logged.oid}`, 'has another parent');
    this.#accept(logged);
  }

  #accept(logged: LoggedEvent): void {
    const { event, oid } = logged;
    this.#pending = [];
    this.#state = afterEvent(this.#state, logged);
    this.#events.push(logged);
    const version = this.#timeline.version(this.#state.version);
    if (version !== undefined) this.#history.accept(event, oid, version);
    const reason = voidReason(event, this.#timeline);
    if (reason !== undefined) this.#voided.set(oid, reason);
  }

  async #fault(logged: SignedEvent): Promise<{ rule: string; detail: string } | undefined> {
    const verification = (await this.#foreseenVerification(logged)) ?? (await this.#verify(logged, this.#state));
    const fault = judgeEvent(this.#state, { logged, verification }, this.#timeline);
    if (fault !== undefined) return fault;
    // Times of events bound later ones: one from the future would make keys with an expiry useless.
    const { at, seq } = logged.event;
    if (Date.parse(at) > this.#ctx.nowMs() + MAX_SKEW_SEC * 1000)
      return {
        rule: TIME_RULE,
        detail: `event ${seq}: says that it is of ${at}, which is in the future by the clock of this machine`,
      };
    const policy = this.#timeline.version(this.#state.version)?.policy;
    const broken = policy && this.#history.fault(logged.event, policy);
    if (broken !== undefined) return { rule: broken.rule, detail: `event ${logged.event.seq}: ${broken.detail}` };
    const skipped = logged.event.type === 'repair' ? logged.event.skipped : [];
    const pending = this.#pending.map(({ object }) => object);
    if (skipped.length === pending.length && skipped.every((oid, i) => oid === pending[i])) return undefined;
    const what =
      logged.event.type === 'repair'
        ? `is a repair of ${counted(skipped.length)}, and there are ${pending.length}`
        : `stands on ${counted(pending.length)} that ${pending.length === 1 ? 'does' : 'do'} not count`;
    return { rule: 'log', detail: `event ${logged.event.seq}: ${what}` };
  }

  #foreseenVerification({ oid }: SignedEvent): Promise<Verification> | undefined {
    const foreseen = this.#foreseen.get(oid);
    // What a signature is checked by: the versions with the keys, and the time that it cannot be older than.
    const asAssumed =
      foreseen?.state.version === this.#state.version && foreseen.state.latestAtSec === this.#state.latestAtSec;
    return asAssumed ? foreseen.verification : undefined;
  }

  /** @param state - what comes before it */
  async #verify({ event, payload, armor }: SignedEvent, state: LogState): Promise<Verification> {
    const versions = judgingVersions(state, event, this.#timeline);
    const keys = (await Promise.all(versions.map((version) => version.keys()))).flat();
    const distinct = keys.filter(({ key }, i) => keys.findLastIndex((other) => other.key === key) === i);
    const verifier = await this.#ctx.verifier();
    // Whoever holds a key that has run out could date a signature back; the events before it show when it was really made.
    // Whether its time can be is a rule of its own: what is wrong is then not the signature, but a clock.
    const asOfSec = Math.floor(Date.parse(event.at) / 1000);
    return verifier.verify(payload, armor, distinct, { notBeforeSec: state.latestAtSec - MAX_SKEW_SEC, asOfSec });
  }

  result(): Omit<Log, 'tip'> {
    return {
      events: this.#events,
      voided: this.#voided,
      ledger: this.#history.promotions,
      retention: this.#history.retention,
      state: this.#state,
      unaccounted: this.#pending.map(({ object }) => object),
      findings: this.#pending,
    };
  }
}

const counted = (commits: number) => `${commits} ${commits === 1 ? 'commit' : 'commits'}`;
