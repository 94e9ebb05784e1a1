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
  const origin = ledger
    .promotions(set, environment)
    .findLast(
      ({ event, effective }) =>
        event.action === 'promote' && effective !== undefined && event.snapshot.payload === live.event.snapshot.payload,
    );
  return former.filter(({ event }) => event.number < (origin ?? live).event.number);
}
