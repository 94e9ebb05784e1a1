import { SnapshotError } from '../../core/errors.ts';
import type { PromotionState } from '../../core/promotion/promotion-state.ts';
import type { RetentionLedger } from '../../core/retention/ledger.ts';

/** How the snapshot of a promotion went for good, and with it the promotion's tag; undefined where it did not. */
export function goneSnapshot(
  { event: { set, snapshot } }: Pick<PromotionState, 'event'>,
  retention: RetentionLedger,
): 'erased' | 'dropped' | undefined {
  const place = retention.fate(set, snapshot.id)?.place;
  return place === 'erased' || place === 'dropped' ? place : undefined;
}

/** What is said to who would rest something on such a promotion. Nobody has moved its ref: the log says why it is gone. */
export function goneError({ event }: Pick<PromotionState, 'event'>, gone: string): SnapshotError {
  const { set, environment, number, snapshot } = event;
  return new SnapshotError(
    'conflict',
    `promotion ${environment}/${number} is over: ${set}/${snapshot.id} was ${gone}`,
    {
      hint: 'Its tag went with the snapshot. "git snapshot log" says who did that, and why.',
    },
  );
}
