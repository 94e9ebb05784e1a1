import { SnapshotError } from '../../core/errors.ts';
import type { PromotionState } from '../../core/promotion/promotion-state.ts';
import { environmentOrder, rulesOf } from '../../core/promotion/rules.ts';
import type { Context } from '../context.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { noEnvironment } from '../snapshot/choose-snapshot.ts';
import type { PromotionScene } from './scene.ts';
import { soundLog } from './scene.ts';

/** Which promotion to review. */
export interface ReviewChoice {
  readonly set: string | undefined;
  /** Undefined: wherever one waits. */
  readonly environment: string | undefined;
  /** Undefined: the newest that waits. */
  readonly number: number | undefined;
}

/** A promotion, and where it was made. */
export interface ReviewScene extends PromotionScene {
  readonly reviewed: PromotionState;
}

/**
 * Finds the promotion that is meant.
 *
 * @throws {SnapshotError} `not-found`; `usage`, naming them, where promotions wait in several places; `untrusted` for a log with findings
 */
export async function openReview(
  ctx: Context,
  { set: named, environment, number }: ReviewChoice,
): Promise<ReviewScene> {
  const trusted = await loadPolicy(ctx);
  const { policy } = trusted;
  const log = await soundLog(ctx, trusted);
  const waiting = ({ set, environment: name }: { set: string; environment: string }) => {
    const live = log.ledger.live(set, name)?.event.number ?? 0;
    return log.ledger
      .promotions(set, name)
      .findLast(({ event, effective, author }) => !effective && author !== undefined && event.number > live);
  };
  const sceneOf = (set: string, name: string, reviewed: PromotionState): ReviewScene => {
    const rules = rulesOf(policy, name);
    if (rules === undefined) throw noEnvironment(policy, name);
    return { ctx, trusted, log, set: governedSet(policy, set), environment: name, rules, reviewed };
  };
  if (environment !== undefined) {
    const set = governedSet(policy, named).name;
    if (rulesOf(policy, environment) === undefined) throw noEnvironment(policy, environment);
    const all = log.ledger.promotions(set, environment);
    const chosen = number === undefined ? waiting({ set, environment }) : all[number - 1];
    if (chosen !== undefined) return sceneOf(set, environment, chosen);
    throw nothingThere(
      number === undefined ? `no promotion waits in ${environment}` : `there is no promotion ${environment}/${number}`,
    );
  }
  const sets = named === undefined ? Object.keys(policy.sets) : [governedSet(policy, named).name];
  const found = sets.flatMap((set) =>
    environmentOrder(policy).flatMap((name) => {
      const reviewed = waiting({ set, environment: name });
      return reviewed === undefined ? [] : [{ set, name, reviewed }];
    }),
  );
  const [only, ...others] = found;
  if (only === undefined) throw nothingThere('no promotion waits anywhere');
  if (others.length === 0) return sceneOf(only.set, only.name, only.reviewed);
  const places = found.map(
    ({ set, name, reviewed }) => `${name}/${reviewed.event.number}${sets.length > 1 ? ` of the set ${set}` : ''}`,
  );
  throw new SnapshotError('usage', `several promotions wait: ${places.join(', ')}`, {
    hint: `Name one, for example "git snapshot review ${only.name}${sets.length > 1 ? ` --set ${only.set}` : ''}".`,
  });
}

function nothingThere(message: string): SnapshotError {
  return new SnapshotError('not-found', message, {
    hint: 'See "git snapshot promotions"; one that is over is reviewed by its number, as in "git snapshot review production/3".',
  });
}
