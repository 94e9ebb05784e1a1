import type { RefUpdate } from '../../core/ports.ts';
import type { PromotionLedger } from '../../core/promotion/ledger.ts';
import { countMoves } from '../../core/share/target-refs.ts';
import type { LogMemory } from './log-memory.ts';
import type { ExchangePlan } from './plan-exchange.ts';
import type { LocalState } from './read-local.ts';
import type { RemoteState } from './read-remote.ts';
import type { LeftOutEvent, LogNumbers, RebasedEvent, ShareResult } from './results.ts';

const NOTHING: LogNumbers = { seq: 0, policyVersion: 0 };

/** What an exchange comes to, over all its attempts. */
export class ExchangeTally {
  readonly #remote: string;
  readonly #dryRun: boolean;
  #relation: ShareResult['relation'] = 'same';
  #before: { ours: LogNumbers; theirs: LogNumbers } | undefined;
  #ours = NOTHING;
  #theirs = NOTHING;
  readonly #received: RefUpdate[] = [];
  readonly #sent: RefUpdate[] = [];
  #rebased: readonly RebasedEvent[] = [];
  #leftOut: readonly LeftOutEvent[] = [];
  #keptBelow: string | undefined;
  #promotions: PromotionLedger | undefined;

  constructor(remote: string, dryRun: boolean) {
    this.#remote = remote;
    this.#dryRun = dryRun;
  }

  /** An attempt, with what it found. The first says how it was before. */
  begin({ relation }: ExchangePlan, { local, theirs }: { local: LocalState; theirs: RemoteState }): void {
    this.#ours = local.governed === undefined ? NOTHING : numbersOf(local.governed);
    this.#theirs = theirs.judged === undefined ? NOTHING : numbersOf(theirs.judged);
    if (this.#before !== undefined) return;
    this.#promotions = local.governed?.log.ledger;
    this.#before = { ours: this.#ours, theirs: this.#theirs };
    this.#relation = relation;
  }

  /** What was moved here. */
  received({ relation, moves, final, rebased, leftOut, keptBelow }: ExchangePlan): void {
    this.#received.push(...moves);
    this.#rebased = [...followed(this.#rebased, rebased), ...rebased.filter((event) => !this.#knows(event))];
    this.#leftOut = [...this.#leftOut, ...leftOut];
    this.#keptBelow = keptBelow ?? this.#keptBelow;
    this.#ours = numbersOfMemory(final.memory);
    if (this.#dryRun && relation === 'diverged')
      this.#ours = { ...this.#ours, seq: rebased.at(-1)?.seqAfter ?? this.#theirs.seq };
  }

  /** What was moved there. */
  sent(moves: readonly RefUpdate[], { final }: ExchangePlan): void {
    this.#sent.push(...moves);
    this.#theirs = this.#dryRun ? this.#ours : numbersOfMemory(final.memory);
  }

  /** Whether an event was signed again before, in another attempt. */
  #knows({ seqBefore }: RebasedEvent): boolean {
    return this.#rebased.some(({ seqAfter }) => seqAfter === seqBefore);
  }

  /** What was promoted here before; undefined where there was no log yet. */
  get promotions(): PromotionLedger | undefined {
    return this.#promotions;
  }

  get result(): ShareResult {
    const before = this.#before ?? { ours: NOTHING, theirs: NOTHING };
    return {
      remote: this.#remote,
      dryRun: this.#dryRun,
      relation: this.#relation,
      ours: { before: before.ours, after: this.#ours },
      theirs: { before: before.theirs, after: this.#theirs },
      received: countMoves(this.#received),
      sent: countMoves(this.#sent),
      rebased: this.#rebased,
      leftOut: this.#leftOut,
      keptBelow: this.#keptBelow,
    };
  }
}

/** Events that were signed again before, and now once more. */
function followed(before: readonly RebasedEvent[], again: readonly RebasedEvent[]): RebasedEvent[] {
  return before.map((event) => {
    const next = again.find(({ seqBefore }) => seqBefore === event.seqAfter);
    if (next === undefined) return event;
    const { seqBefore, was } = event;
    return { ...next, seqBefore, was: was ?? next.was, changed: event.changed || next.changed };
  });
}

function numbersOf({
  log,
  trusted,
}: {
  log: { state: { seq: number } };
  trusted: { policy: { version: number } };
}): LogNumbers {
  return { seq: log.state.seq, policyVersion: trusted.policy.version };
}

function numbersOfMemory({ log, policy }: LogMemory): LogNumbers {
  return { seq: log.seq, policyVersion: policy.version };
}
