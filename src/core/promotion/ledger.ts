import type { AuditEvent } from '../audit/event.ts';
import type { Oid } from '../oid.ts';
import type { Policy } from '../policy/schema.ts';
import { approvalFault, breakGlassFault, gatesFault, retoldFault, snapshotFault } from './faults.ts';
import { frozenAt } from './freeze.ts';
import type {
  ApprovalEvent,
  PromotionEvent,
  PromotionFault,
  PromotionState,
  SnapshotEvent,
} from './promotion-state.ts';
import { rulesOf } from './rules.ts';
import { tallyOf } from './tally.ts';

/**
 * All promotions of all environments, as the log tells of them: events are entered in their order, and nothing else counts.
 * So what is live is the same for everyone who has the same log, in whatever order refs arrived.
 *
 * Approvals are judged by the policy in force at the event that would make the promotion count, which is the promotion itself or
 * something said of it: whoever has lost the role by then does not count, and a threshold that was raised meanwhile must be
 * met. One that was lowered is met by the next word that anyone says. Once a promotion counts, it does so for good, unless a
 * key is revoked: see {@link LedgerHistory}.
 */
export class PromotionLedger {
  readonly #promotions = new Map<string, PromotionState[]>();
  /** The event that tells of a snapshot, by the digest of what was signed. Signed anew, it is told of again: the last counts. */
  readonly #snapshots = new Map<string, SnapshotEvent>();

  /** The promotions of an environment, by number from 1 on: one that does not count keeps its place. */
  promotions(set: string, environment: string): readonly PromotionState[] {
    return this.#promotions.get(placeOf({ set, environment })) ?? [];
  }

  /** The promotion that is live: of those that count, the one with the highest number. */
  live(set: string, environment: string): PromotionState | undefined {
    return this.promotions(set, environment).findLast(({ effective }) => effective !== undefined);
  }

  /** Who took the snapshot of this payload. */
  authorOf(payload: string): string | undefined {
    return this.#snapshots.get(payload)?.actor;
  }

  /** Why an event may not stand here, by the rules of promotion; undefined where it may, and for events of other kinds. */
  fault(event: AuditEvent, policy: Policy): PromotionFault | undefined {
    if (event.type === 'promotion') return this.#promotionFault(event, policy);
    if (event.type === 'snapshot') return retoldFault(event, this.#snapshots.get(event.snapshot.payload));
    if (event.type !== 'approval') return undefined;
    return approvalFault(event, this.promotions(event.set, event.environment)[event.number - 1], policy);
  }

  /** Enters an event that may stand where it does, under the policy in force there. */
  enter(event: AuditEvent, oid: Oid, policy: Policy): void {
    if (event.type === 'snapshot') this.#snapshots.set(event.snapshot.payload, event);
    else if (event.type === 'promotion') this.#enterPromotion(event, oid, policy);
    else if (event.type === 'approval') this.#enterApproval(event, oid, policy);
  }

  /** Enters an event that does not count any more: a promotion keeps its number. */
  enterVoid(event: AuditEvent, oid: Oid): void {
    if (event.type !== 'promotion') return;
    const place = placeOf(event);
    const { actor: promoter } = event;
    const state = { event, oid, promoter, author: undefined, opinions: [], effective: undefined };
    this.#promotions.set(place, [...(this.#promotions.get(place) ?? []), state]);
  }

  #promotionFault(event: PromotionEvent, policy: Policy): PromotionFault | undefined {
    const { set, environment, number, action, breakGlass } = event;
    const rules = rulesOf(policy, environment);
    if (rules === undefined) return { rule: 'environment', detail: `the policy has no environment '${environment}'` };
    const expected = this.promotions(set, environment).length + 1;
    if (number !== expected)
      return { rule: 'number', detail: `is number ${number} in ${environment}, the next one is ${expected}` };
    const foreign = snapshotFault(event, this.#snapshots.get(event.snapshot.payload));
    if (foreign !== undefined) return foreign;
    if (breakGlass) return breakGlassFault(event, policy, rules);
    return action === 'promote' ? this.promoteFault(event, policy) : this.rollbackFault(event, policy);
  }

  /** Why this cannot be promoted now, by order, soak, freeze and gates. */
  promoteFault(
    {
      set,
      environment,
      snapshot,
      gates,
      at,
    }: Pick<PromotionEvent, 'set' | 'environment' | 'snapshot' | 'gates' | 'at'>,
    policy: Policy,
  ): PromotionFault | undefined {
    const rules = rulesOf(policy, environment);
    if (rules === undefined) return { rule: 'environment', detail: `the policy has no environment '${environment}'` };
    // A releaser may take one, of whatever there is: it is there to go back to, and not to be handed on.
    if (this.#snapshots.get(snapshot.payload)?.backup)
      return { rule: 'backup', detail: `${snapshot.id} is the backup of a rollback` };
    const atSec = timeOf(at);
    const [frozen] = frozenAt(rules.freeze, atSec);
    if (frozen !== undefined) return { rule: 'freeze', detail: `${environment} is frozen: ${frozen}` };
    if (rules.from !== undefined) {
      const before = this.live(set, rules.from);
      if (before?.event.snapshot.payload !== snapshot.payload) {
        const what = before === undefined ? 'nothing is' : `${before.event.snapshot.id} is`;
        return { rule: 'from', detail: `${snapshot.id} is not live in ${rules.from}; ${what}` };
      }
      const sinceSec = before.effective?.atSec ?? atSec;
      if (atSec < sinceSec + rules.soakSec) {
        const leftSec = sinceSec + rules.soakSec - atSec;
        return { rule: 'soak', detail: `${snapshot.id} must stay in ${rules.from} for ${leftSec} more seconds` };
      }
    }
    return gatesFault(gates, rules);
  }

  /** Why an environment cannot be rolled back to this now. Soak and freeze do not bind a rollback. */
  rollbackFault(
    { set, environment, snapshot }: Pick<PromotionEvent, 'set' | 'environment' | 'snapshot'>,
    policy: Policy,
  ): PromotionFault | undefined {
    if (this.live(set, environment)?.event.snapshot.payload === snapshot.payload)
      return { rule: 'rollback', detail: `${snapshot.id} is live in ${environment} already` };
    const depth = rulesOf(policy, environment)?.rollbackDepth;
    const former = this.formerlyLive(set, environment);
    const place = former.findIndex(({ event }) => event.snapshot.payload === snapshot.payload);
    if (place < 0) return { rule: 'rollback', detail: `${snapshot.id} has never been live in ${environment}` };
    if (depth !== undefined && place >= depth)
      return { rule: 'rollback', detail: `${snapshot.id} is further back than ${depth} live snapshots` };
    return undefined;
  }

  /** What was live before what is live, newest first, each snapshot once. */
  formerlyLive(set: string, environment: string): PromotionState[] {
    const all = this.promotions(set, environment);
    const seen = new Set([this.live(set, environment)?.event.snapshot.payload]);
    const former: PromotionState[] = [];
    for (const promotion of all.toReversed()) {
      const { payload } = promotion.event.snapshot;
      if (!wasLive(promotion, all) || seen.has(payload)) continue;
      seen.add(payload);
      former.push(promotion);
    }
    return former;
  }

  #enterPromotion(event: PromotionEvent, oid: Oid, policy: Policy): void {
    const place = placeOf(event);
    const told = this.#snapshots.get(event.snapshot.payload);
    const waiting: PromotionState = {
      event,
      oid,
      promoter: event.actor,
      author: told?.actor,
      authorKey: told?.key,
      opinions: [],
      effective: undefined,
    };
    const entered = this.#settle(waiting, event, policy);
    this.#promotions.set(place, [...(this.#promotions.get(place) ?? []), entered]);
  }

  #enterApproval(event: ApprovalEvent, oid: Oid, policy: Policy): void {
    const { number, decision, key, actor: person } = event;
    const promotions = [...this.promotions(event.set, event.environment)];
    const promotion = promotions[number - 1];
    if (promotion === undefined) return;
    // People are counted, not keys: each has one word, the last.
    const opinions = promotion.opinions.filter((opinion) => opinion.person !== person);
    if (decision !== 'withdraw') opinions.push({ person, key, decision, event, oid });
    promotions[number - 1] = this.#settle({ ...promotion, opinions }, event, policy);
    this.#promotions.set(placeOf(event), promotions);
  }

  #settle(promotion: PromotionState, { seq, at }: AuditEvent, policy: Policy): PromotionState {
    // Whose snapshot does not count does not become live; nor does a promotion that was entered as void.
    if (promotion.effective !== undefined || promotion.author === undefined) return promotion;
    // Whatever is said in a freeze, nothing comes of it while it lasts.
    const { environment, action, breakGlass } = promotion.event;
    const frozen = frozenAt(rulesOf(policy, environment)?.freeze ?? [], timeOf(at));
    if (frozen.length > 0 && action === 'promote' && !breakGlass) return promotion;
    const tally = tallyOf(promotion, policy);
    return tally.isEnough ? { ...promotion, effective: { seq, atSec: timeOf(at), tally } } : promotion;
  }
}

/** Whether a promotion was ever live: one that got its approvals after a later one had is passed over. */
export function wasLive({ event, effective }: PromotionState, all: readonly PromotionState[]): boolean {
  if (effective === undefined) return false;
  const isAhead = (other: PromotionState) => other.effective !== undefined && other.effective.seq < effective.seq;
  return !all.slice(event.number).some(isAhead);
}

function placeOf({ set, environment }: { readonly set: string; readonly environment: string }): string {
  return `${set}/${environment}`;
}

function timeOf(at: string): number {
  return Math.floor(Date.parse(at) / 1000);
}
