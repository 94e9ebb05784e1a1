import type { AuditEvent } from '../../core/audit/event.ts';
import type { EventFault } from '../../core/audit/judge-event.ts';
import type { LedgerHistory } from '../../core/audit/ledger-history.ts';
import { goneSnapshot } from '../promotion/gone-snapshot.ts';

/**
 * Why nothing can be said of a promotion any more: its snapshot is gone for good, and with it the promotion's tag, which the tag
 * of the approval names. Whoever takes the log then would miss it.
 */
export function goneFault(
  event: AuditEvent,
  { promotions, retention }: Pick<LedgerHistory, 'promotions' | 'retention'>,
): EventFault | undefined {
  if (event.type !== 'approval') return undefined;
  const { set, environment, number } = event;
  const promotion = promotions.promotions(set, environment)[number - 1];
  if (promotion === undefined) return undefined;
  const { id } = promotion.event.snapshot;
  const gone = goneSnapshot(promotion, retention);
  if (gone === undefined) return undefined;
  return {
    rule: 'retention',
    detail: `is of ${environment}/${number}, which promotes ${set}/${id}, and that was ${gone}`,
  };
}
