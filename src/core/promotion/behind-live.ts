import type { PromotionLedger } from './ledger.ts';
import type { PromotionState } from './promotion-state.ts';

/**
 * What going back from what is live leads to, newest first, each snapshot once. After a rollback, that is what was live before the
 * snapshot that it went back to: a second rollback goes further back, and not to what the first one left.
 */
export function behindLive(
  ledger: PromotionLedger,
  { set, environment }: { readonly set: string; readonly environment: string },
): PromotionState[] {
  const former = ledger.formerlyLive(set, environment);
  const live = ledger.live(set, environment);
  if (live?.event.action !== 'rollback') return former;
  const all = ledger.promotions(set, environment).filter(({ effective }) => effective !== undefined);
  const payloadOf = ({ event }: PromotionState) => event.snapshot.payload;
  const origin =
    all.findLast((promotion) => promotion.event.action === 'promote' && payloadOf(promotion) === payloadOf(live)) ??
    live;
  const before = all.filter(({ event }) => event.number < origin.event.number).toReversed();
  return former
    .map((promotion) => before.find((earlier) => payloadOf(earlier) === payloadOf(promotion)))
    .filter((promotion) => promotion !== undefined)
    .sort((a, b) => b.event.number - a.event.number);
}
