import type { Policy } from '../policy/schema.ts';
import { gatesFault } from './faults.ts';
import { frozenAt } from './freeze.ts';
import type { PromotionEvent, PromotionFault, PromotionState, SnapshotEvent } from './promotion-state.ts';
import { holdFault } from './rollback-hold.ts';
import { rulesOf } from './rules.ts';

/** As much of a promotion as the rules of its environment ask about. */
export type PromotionToJudge = Pick<PromotionEvent, 'set' | 'environment' | 'snapshot' | 'gates' | 'at'>;

/**
 * Why this cannot be promoted now, by hold, freeze, order, soak and gates; undefined where it can.
 *
 * @param known.told - the event of the snapshot
 * @param known.held - the rollback that the environment is on hold for
 * @param known.before - what is live in the environment that this one takes from
 */
export function promoteFault(
  { environment, snapshot, gates, at }: PromotionToJudge,
  known: {
    readonly told: SnapshotEvent | undefined;
    readonly held: PromotionState | undefined;
    readonly before: PromotionState | undefined;
  },
  policy: Policy,
): PromotionFault | undefined {
  const rules = rulesOf(policy, environment);
  if (rules === undefined) return { rule: 'environment', detail: `the policy has no environment '${environment}'` };
  const { told, held, before } = known;
  // A releaser may take one, of whatever there is: it is there to go back to, and not to be handed on.
  if (told?.backup) return { rule: 'backup', detail: `${snapshot.id} is the backup of a rollback` };
  if (held !== undefined) return holdFault(held);
  const atSec = Math.floor(Date.parse(at) / 1000);
  const [frozen] = frozenAt(rules.freeze, atSec);
  if (frozen !== undefined) return { rule: 'freeze', detail: `${environment} is frozen: ${frozen}` };
  if (rules.from !== undefined) {
    if (before?.event.snapshot.payload !== snapshot.payload) {
      const what = before === undefined ? 'nothing is' : `${before.event.snapshot.id} is`;
      return { rule: 'from', detail: `${snapshot.id} is not live in ${rules.from}; ${what}` };
    }
    const sinceSec = before.effective?.atSec ?? atSec;
    if (atSec < sinceSec + rules.soakSec) {
      const leftSec = sinceSec + rules.soakSec - atSec;
      return { rule: 'soak', detail: `${snapshot.id} must stay in ${rules.from} for ${leftSec} more seconds` };
    }
  }
  return gatesFault(gates, rules);
}

/**
 * Why an environment cannot be rolled back to this now; undefined where it can. Hold, soak and freeze do not bind a rollback.
 *
 * @param known.former - what was live before, newest first, each snapshot once
 */
export function rollbackFault(
  { environment, snapshot }: Pick<PromotionEvent, 'environment' | 'snapshot'>,
  known: { readonly live: PromotionState | undefined; readonly former: readonly PromotionState[] },
  policy: Policy,
): PromotionFault | undefined {
  const isOf = ({ event }: PromotionState) => event.snapshot.payload === snapshot.payload;
  if (known.live !== undefined && isOf(known.live))
    return { rule: 'rollback', detail: `${snapshot.id} is live in ${environment} already` };
  const depth = rulesOf(policy, environment)?.rollbackDepth;
  const place = known.former.findIndex(isOf);
  if (place < 0) return { rule: 'rollback', detail: `${snapshot.id} has never been live in ${environment}` };
  if (depth !== undefined && place >= depth)
    return { rule: 'rollback', detail: `${snapshot.id} is further back than ${depth} live snapshots` };
  return undefined;
}
