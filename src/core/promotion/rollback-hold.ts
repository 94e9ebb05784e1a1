import type { PromotionFault, PromotionState, ResumeEvent } from './promotion-state.ts';
import type { EnvironmentRules } from './rules.ts';
import { wasLive } from './was-live.ts';

/**
 * The rollback that an environment is on hold for: the last that was ever live and began a hold, unless somebody resumed after
 * it. There is none where the policy in force knows of no holds.
 *
 * @param promotions - of the environment, by number
 */
export function heldBy(
  promotions: readonly PromotionState[],
  rules: EnvironmentRules | undefined,
): PromotionState | undefined {
  if (rules?.holdsAfterRollback !== true) return undefined;
  const last = promotions.findLast((promotion) => promotion.hold !== undefined && wasLive(promotion, promotions));
  return last?.hold?.resumed === undefined ? last : undefined;
}

/** What stands in the way of whatever is promoted meanwhile. */
export function holdFault({ event, effective, promoter }: PromotionState): PromotionFault {
  const { environment, number, at } = event;
  const sinceSec = effective?.atSec ?? Math.floor(Date.parse(at) / 1000);
  const since = new Date(sinceSec * 1000).toISOString().replace('.000Z', 'Z');
  return {
    rule: 'hold',
    detail: `${environment} is on hold since ${since}: ${promoter} rolled it back (${environment}/${number})`,
  };
}

/** Why somebody may not resume an environment so, or undefined. @param held - what {@link heldBy} gives */
export function resumeFault(
  { environment, number, tag, promotion }: ResumeEvent,
  held: PromotionState | undefined,
): PromotionFault | undefined {
  if (held === undefined) return { rule: 'resume', detail: `${environment} is not on hold` };
  const { event } = held;
  if (event.number === number && event.tag === tag && event.payload === promotion) return undefined;
  return {
    rule: 'resume',
    detail: `resumes after ${environment}/${number} (${promotion}), and on hold it is for ${environment}/${event.number} (${event.payload})`,
  };
}
