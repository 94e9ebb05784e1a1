import { SnapshotError } from '../../core/errors.ts';
import type { PromotionState } from '../../core/promotion/promotion-state.ts';
import { sha256Of } from '../context.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import type { PromotionScene } from './scene.ts';

/**
 * Refuses a promotion that would say what another says already.
 *
 * @throws {SnapshotError} of kind `conflict` if the snapshot is live there, or waits there; past every rule it need not wait
 */
export function requireNews(
  { ctx, log, set, environment }: PromotionScene,
  { stored, breakGlass }: { readonly stored: StoredSnapshot; readonly breakGlass: boolean },
): void {
  const payload = sha256Of(ctx, stored.payload);
  const { id } = stored.snapshot;
  const live = log.ledger.live(set.name, environment);
  if (live?.event.snapshot.payload === payload) {
    throw new SnapshotError('conflict', `'${id}' is live in ${environment} already`, {
      hint: `It is promotion ${environment}/${live.event.number}.`,
    });
  }
  const waits = ({ event, effective, author, opinions }: PromotionState) =>
    effective === undefined &&
    author !== undefined &&
    event.number > (live?.event.number ?? 0) &&
    opinions.every(({ decision }) => decision !== 'reject');
  const waiting = log.ledger
    .promotions(set.name, environment)
    .findLast((promotion) => promotion.event.snapshot.payload === payload && waits(promotion));
  if (waiting === undefined || breakGlass) return;
  const name = `${environment}/${waiting.event.number}`;
  throw new SnapshotError('conflict', `'${id}' waits in ${environment} already, as promotion ${name}`, {
    hint: `Approve it with "git snapshot approve ${name} -m WHY".`,
  });
}
