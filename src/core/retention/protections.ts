import type { Policy } from '../policy/schema.ts';
import type { PromotionLedger } from '../promotion/ledger.ts';
import type { PromotionState } from '../promotion/promotion-state.ts';
import { environmentOrder, rulesOf } from '../promotion/rules.ts';
import { cutoffSec, parseDuration } from './duration.ts';
import type { RetentionLedger } from './ledger.ts';

/** How many promotions before what is live are kept for a rollback, where the policy does not say. */
const ROLLBACK_DEPTH = 3;
/** How long what was promoted is kept, where the policy does not say. */
const KEEP_PROMOTED = '1y';

/** The policy, and what the log has come to. */
export interface Standing {
  readonly policy: Policy;
  readonly promotions: PromotionLedger;
  readonly retention: RetentionLedger;
}

/** What is live in an environment, and what was before it that a rollback may go to: newest first, each snapshot once. */
function rollbackChain(
  { policy, promotions }: Pick<Standing, 'policy' | 'promotions'>,
  { set, environment }: { readonly set: string; readonly environment: string },
): readonly PromotionState[] {
  const depth = rulesOf(policy, environment)?.rollbackDepth ?? ROLLBACK_DEPTH;
  const live = promotions.live(set, environment);
  return live === undefined ? [] : [live, ...promotions.formerlyLive(set, environment).slice(0, depth)];
}

/**
 * Why snapshots of a set are kept whatever the rules say, by their id, each reason once and in the order of docs/retention.md.
 *
 * @param atSec - seconds since the epoch
 */
export function protectionsOf(standing: Standing, set: string, atSec: number): ReadonlyMap<string, readonly string[]> {
  const reasons = new Map<string, Set<string>>();
  const protect = (id: string, reason: string) => reasons.set(id, (reasons.get(id) ?? new Set()).add(reason));
  for (const { event } of standing.retention.allHolds()) {
    const { snapshot } = event;
    if (event.set === set && standing.retention.holdsAt(set, snapshot.id, atSec).some((hold) => hold.event === event))
      protect(snapshot.id, `hold ${event.case}`);
  }
  for (const environment of environmentOrder(standing.policy)) {
    const [live, ...before] = rollbackChain(standing, { set, environment });
    if (live !== undefined) protect(live.event.snapshot.id, `live ${environment}`);
    for (const { event } of before) protect(event.snapshot.id, `rollback chain ${environment}`);
  }
  for (const environment of environmentOrder(standing.policy)) {
    for (const { event } of waiting(standing.promotions, { set, environment }))
      protect(event.snapshot.id, `pending ${environment}`);
    for (const { id, reason } of promotedLately(standing, { set, environment, atSec })) protect(id, reason);
  }
  const backup = standing.retention.undoes(set);
  if (backup !== undefined) protect(backup, 'source of a backup');
  return new Map([...reasons].map(([id, found]) => [id, [...found]]));
}

/**
 * What environments need of a set, by the id of a snapshot, in words: what is live, what may be rolled back to, and what waits to go live.
 * Whatever the rules and whoever asks, that is not pruned.
 */
export function usesOf(
  { policy, promotions }: Pick<Standing, 'policy' | 'promotions'>,
  set: string,
): ReadonlyMap<string, Use> {
  const uses = new Map<string, Use>();
  const environments = environmentOrder(policy);
  for (const environment of environments)
    for (const { event } of waiting(promotions, { set, environment }))
      uses.set(event.snapshot.id, { kind: 'waiting', detail: `waits to go live in ${environment}` });
  for (const environment of environments) {
    const [, ...before] = rollbackChain({ promotions, policy }, { set, environment });
    for (const { event } of before)
      uses.set(event.snapshot.id, { kind: 'former', detail: `${environment} may be rolled back to` });
  }
  for (const environment of environments) {
    const live = promotions.live(set, environment);
    if (live !== undefined) uses.set(live.event.snapshot.id, { kind: 'live', detail: `is live in ${environment}` });
  }
  return uses;
}

/** What an environment needs a snapshot for. `detail`: as it follows "which". */
export interface Use {
  readonly kind: 'live' | 'former' | 'waiting';
  readonly detail: string;
}

/** What was promoted to an environment within its `keepPromoted`, and what was live there when that began. */
function* promotedLately(
  { policy, promotions }: Standing,
  { set, environment, atSec }: { readonly set: string; readonly environment: string; readonly atSec: number },
): Iterable<{ id: string; reason: string }> {
  const duration = policy.environments?.[environment]?.keepPromoted ?? KEEP_PROMOTED;
  const horizonSec = cutoffSec(atSec, parseDuration(duration));
  const all = effective(promotions, { set, environment });
  for (const { event, effective: since } of all)
    if (since !== undefined && since.atSec > horizonSec)
      yield { id: event.snapshot.id, reason: `promoted ${environment}` };
  const live = all.findLast(({ effective: since }) => since !== undefined && since.atSec <= horizonSec);
  if (live !== undefined) yield { id: live.event.snapshot.id, reason: `live at horizon ${environment}` };
}

function effective(promotions: PromotionLedger, { set, environment }: { set: string; environment: string }) {
  return promotions.promotions(set, environment).filter((promotion) => promotion.effective !== undefined);
}

/** Promotions that could still go live. */
function waiting(promotions: PromotionLedger, { set, environment }: { set: string; environment: string }) {
  const live = promotions.live(set, environment)?.event.number ?? 0;
  return promotions
    .promotions(set, environment)
    .filter(
      ({ effective: since, author, event }) => since === undefined && author !== undefined && event.number > live,
    );
}
