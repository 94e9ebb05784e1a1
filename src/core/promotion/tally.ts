import { holdersOf, personOf } from '../policy/roles.ts';
import type { Policy } from '../policy/schema.ts';
import type { KeyId } from '../signing.ts';
import type { PromotionEvent, PromotionState } from './promotion-state.ts';
import { rulesOf } from './rules.ts';

/** How far a promotion is. */
export interface Tally {
  readonly needed: number;
  /** People whose approval counts. */
  readonly approved: readonly string[];
  readonly rejected: readonly string[];
  /** People who could still give an approval that counts. */
  readonly others: readonly string[];
  readonly isEnough: boolean;
}

/** As much of a promotion as counting needs: it may not have been made yet. */
export interface PromotionToCount extends Pick<PromotionState, 'author' | 'authorKey' | 'opinions'> {
  readonly event: Pick<PromotionEvent, 'set' | 'environment' | 'action' | 'actor' | 'breakGlass'> &
    Partial<Pick<PromotionEvent, 'key'>>;
}

/**
 * Who has approved, who has not, and whether it is enough, by the rules of this policy.
 *
 * An approval counts as long as its key is that person's: who changes keys says it again. A rejection counts as long as the
 * person has the role: it must not be got rid of by a change of keys.
 */
export function tallyOf(promotion: PromotionToCount, policy: Policy): Tally {
  const { event, opinions } = promotion;
  const { environment, set, action, breakGlass } = event;
  const rules = rulesOf(policy, environment);
  const needed =
    rules === undefined || breakGlass ? 0 : action === 'rollback' ? rules.rollbackApprovals : rules.approvals;
  const holders = new Set(holdersOf(policy, 'approver', { set, environment }));
  const isLeftOut = (person: string) => leftOut(promotion, person, policy) !== undefined;
  const approved = opinions
    .filter(({ decision, person, key }) => decision === 'approve' && personOf(policy, key) === person)
    .map(({ person }) => person)
    .filter((person) => holders.has(person) && !isLeftOut(person));
  const rejected = opinions.flatMap(({ decision, person, key }) => {
    if (decision !== 'reject') return [];
    // By key too: the policy may call the same person otherwise by now.
    return [person, personOf(policy, key)].find((name) => name !== undefined && holders.has(name)) ?? [];
  });
  const isBlocked = rejected.length > 0 && rules?.rejections === 'block' && !breakGlass;
  const others = [...holders].filter((person) => !isLeftOut(person) && !approved.includes(person));
  return {
    needed,
    approved,
    rejected,
    others,
    isEnough: rules !== undefined && approved.length >= needed && !isBlocked,
  };
}

/** Why this person's approval does not count, by the rules of the environment; undefined where it does. */
export function leftOut(
  { event, author, authorKey }: PromotionToCount,
  person: string,
  policy: Policy,
): 'author' | 'promoter' | undefined {
  const rules = rulesOf(policy, event.environment);
  // By key too: the policy may call the same person otherwise by now.
  const is = (name: string | undefined, key: KeyId | undefined) =>
    person === name || (key !== undefined && person === personOf(policy, key));
  if (rules?.excludeAuthor === true && is(author, authorKey)) return 'author';
  return rules?.excludePromoter === true && is(event.actor, event.key) ? 'promoter' : undefined;
}
