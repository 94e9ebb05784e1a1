import type { PromotionState } from './promotion-state.ts';

/** Whether a promotion was ever live: one that got its approvals after a later one had is passed over. */
export function wasLive({ event, effective }: PromotionState, all: readonly PromotionState[]): boolean {
  if (effective === undefined) return false;
  const isAhead = (other: PromotionState) => other.effective !== undefined && other.effective.seq < effective.seq;
  return !all.slice(event.number).some(isAhead);
}
