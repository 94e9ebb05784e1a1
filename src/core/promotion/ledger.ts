import type { AuditEvent } from '../audit/event.ts';
import type { Oid } from '../oid.ts';
import type { Policy } from '../policy/schema.ts';
import { approvalFault, breakGlassFault, mayMakeItCount, retoldFault, snapshotFault } from './faults.ts';
import { frozenAt } from './freeze.ts';
import { type PromotionToJudge, promoteFault, rollbackFault } from './promote-fault.ts';
import type {
  ApprovalEvent,
  PromotionEvent,
  PromotionFault,
  PromotionState,
  ResumeEvent,
  SnapshotEvent,
} from './promotion-state.ts';
import { heldBy, resumeFault } from './rollback-hold.ts';
import { rulesOf } from './rules.ts';
import { tallyOf } from './tally.ts';
import { wasLive } from './was-live.ts';

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

  /** The rollback that nothing is promoted to an environment after, until somebody resumes it; undefined where that is not so. */
  held(
    { set, environment }: { readonly set: string; readonly environment: string },
    policy: Policy,
  ): PromotionState | undefined {
    return heldBy(this.promotions(set, environment), rulesOf(policy, environment));
  }

  /** Who took the snapshot of this payload. */
  authorOf(payload: string): string | undefined {
    return this.#snapshots.get(payload)?.actor;
  }

  /** Why an event may not stand here, by the rules of promotion; undefined where it may, and for events of other kinds. */
  fault(event: AuditEvent, policy: Policy): PromotionFault | undefined {
    if (event.type === 'promotion') return this.#promotionFault(event, policy);
    if (event.type === 'snapshot') return retoldFault(event, this.#snapshots.get(event.snapshot.payload));
    if (event.type === 'resume') return resumeFault(event, this.held(event, policy));
    if (event.type !== 'approval') return undefined;
    const promotion = this.promotions(event.set, event.environment)[event.number - 1];
    return approvalFault(event, { promotion, held: this.held(event, policy) }, policy);
  }

  /** Enters an event that may stand where it does, under the policy in force there. */
  enter(event: AuditEvent, oid: Oid, policy: Policy): void {
    if (event.type === 'snapshot') this.#snapshots.set(event.snapshot.payload, event);
    else if (event.type === 'promotion') this.#enterPromotion(event, oid, policy);
    else if (event.type === 'approval') this.#enterApproval(event, oid, policy);
    else if (event.type === 'resume') this.#enterResume(event);
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
    // A rollback needs none: soak and freeze do not bind it. With it, it would pass for one and go to what was never live.
    if (breakGlass && action === 'rollback')
      return { rule: 'break-glass', detail: 'is a rollback past the rules, and there is no such thing' };
    if (breakGlass) return breakGlassFault(event, policy, rules);
    return action === 'promote' ? this.promoteFault(event, policy) : this.rollbackFault(event, policy);
  }

  /** Why this cannot be promoted now: see {@link promoteFault}. */
  promoteFault(event: PromotionToJudge, policy: Policy): PromotionFault | undefined {
    const { set, environment, snapshot } = event;
    const { from } = rulesOf(policy, environment) ?? {};
    return promoteFault(
      event,
      {
        told: this.#snapshots.get(snapshot.payload),
        held: this.held(event, policy),
        before: from === undefined ? undefined : this.live(set, from),
      },
      policy,
    );
  }

  /** Why an environment cannot be rolled back to this now. Soak and freeze do not bind a rollback. */
  rollbackFault(
    { set, environment, snapshot }: Pick<PromotionEvent, 'set' | 'environment' | 'snapshot'>,
    policy: Policy,
  ): PromotionFault | undefined {
    const [live, former] = [this.live(set, environment), this.formerlyLive(set, environment)];
    return rollbackFault({ environment, snapshot }, { live, former }, policy);
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
    const former = promotion.opinions.find((opinion) => opinion.person === person)?.decision;
    if (decision !== 'withdraw') opinions.push({ person, key, decision, event, oid });
    const told = { ...promotion, opinions };
    // Of words that want it, the rules told when they were said. A threshold that was lowered can be met by any other, too.
    const isStopped =
      promotion.event.action === 'promote' &&
      !mayMakeItCount(decision, former) &&
      this.held(event, policy) !== undefined;
    promotions[number - 1] = isStopped ? told : this.#settle(told, event, policy);
    this.#promotions.set(placeOf(event), promotions);
  }

  #enterResume(event: ResumeEvent): void {
    const promotions = [...this.promotions(event.set, event.environment)];
    const promotion = promotions[event.number - 1];
    if (promotion?.hold === undefined || promotion.event.payload !== event.promotion) return;
    promotions[event.number - 1] = { ...promotion, hold: { resumed: event } };
    this.#promotions.set(placeOf(event), promotions);
  }

  #settle(promotion: PromotionState, { seq, at }: AuditEvent, policy: Policy): PromotionState {
    // Whose snapshot does not count does not become live; nor does a promotion that was entered as void.
    if (promotion.effective !== undefined || promotion.author === undefined) return promotion;
    // Whatever is said in a freeze, nothing comes of it while it lasts.
    const { environment, action, breakGlass } = promotion.event;
    const rules = rulesOf(policy, environment);
    const frozen = frozenAt(rules?.freeze ?? [], timeOf(at));
    if (frozen.length > 0 && action === 'promote' && !breakGlass) return promotion;
    const tally = tallyOf(promotion, policy);
    if (!tally.isEnough) return promotion;
    const holds = action === 'rollback' && rules?.holdsAfterRollback === true;
    return {
      ...promotion,
      effective: { seq, atSec: timeOf(at), tally },
      ...(holds ? { hold: { resumed: undefined } } : {}),
    };
  }
}

function placeOf({ set, environment }: { readonly set: string; readonly environment: string }): string {
  return `${set}/${environment}`;
}

function timeOf(at: string): number {
  return Math.floor(Date.parse(at) / 1000);
}
