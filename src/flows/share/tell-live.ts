import type { PromotionLedger } from '../../core/promotion/ledger.ts';
import { environmentOrder } from '../../core/promotion/rules.ts';
import type { Context } from '../context.ts';
import { openLog } from '../log/open-log.ts';
import { loadPolicy } from '../policy/load-policy.ts';

/** Tells what is live since an exchange: the approval that was missing may have come from both sides. */
export async function tellLive(ctx: Context, before: PromotionLedger | undefined): Promise<void> {
  // Where all is new, so is what is live.
  if (before === undefined) return;
  const trusted = await loadPolicy(ctx);
  const { ledger } = await openLog(ctx, trusted);
  for (const set of Object.keys(trusted.policy.sets)) {
    for (const environment of environmentOrder(trusted.policy)) {
      const live = ledger.live(set, environment)?.event;
      if (live === undefined || live.number === before.live(set, environment)?.event.number) continue;
      ctx.note(`${environment}/${live.number} is live now: ${set}/${live.snapshot.id}`);
    }
  }
}
