import { SnapshotError } from '../../core/errors.ts';
import type { PromotionState } from '../../core/promotion/promotion-state.ts';
import type { Log } from '../log/open-log.ts';
import { goneSnapshot } from './gone-snapshot.ts';

/** The promotions of an environment that wait, by number: nothing later is live, their keys still count, and there is something to wait for. */
export function waitingPromotions(
  { ledger, retention }: Pick<Log, 'ledger' | 'retention'>,
  { set, environment }: { readonly set: string; readonly environment: string },
): PromotionState[] {
  const live = ledger.live(set, environment)?.event.number ?? 0;
  return ledger
    .promotions(set, environment)
    .filter(({ effective, author, event }) => effective === undefined && author !== undefined && event.number > live)
    .filter((promotion) => goneSnapshot(promotion, retention) === undefined);
}

/** What is said where several wait, and none is named. */
export function severalWait(names: readonly string[], command: string): SnapshotError {
  return new SnapshotError('usage', `several promotions wait: ${names.join(', ')}`, {
    hint: `Name one, for example "${command}".`,
  });
}
