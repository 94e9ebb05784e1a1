import { SnapshotError } from '../../core/errors.ts';
import type { PromotionState } from '../../core/promotion/promotion-state.ts';
import { environmentOrder, rulesOf } from '../../core/promotion/rules.ts';
import type { Context } from '../context.ts';
import { soundLog } from '../log/sound-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { noEnvironment } from '../snapshot/choose-snapshot.ts';
import { goneError, goneSnapshot } from './gone-snapshot.ts';
import type { PromotionScene } from './scene.ts';
import { severalWait, waitingPromotions } from './waiting.ts';

/** Which promotion to review. */
export interface ReviewChoice {
  readonly set: string | undefined;
  /** Undefined: wherever one waits. */
  readonly environment: string | undefined;
  /** Undefined: the only one that waits. */
  readonly number: number | undefined;
}

/** A promotion, and where it was made. */
export interface ReviewScene extends PromotionScene {
  readonly reviewed: PromotionState;
}

/**
 * Finds the promotion that is meant.
 *
 * @throws {SnapshotError} `not-found`; `conflict` where its snapshot is gone for good; `usage`, naming them, where several promotions wait; `untrusted` for a log with findings
 */
export async function openReview(
  ctx: Context,
  { set: named, environment, number }: ReviewChoice,
): Promise<ReviewScene> {
  const trusted = await loadPolicy(ctx);
  const { policy } = trusted;
  const log = await soundLog(ctx, trusted);
  const sceneOf = (set: string, name: string, reviewed: PromotionState): ReviewScene => {
    const rules = rulesOf(policy, name);
    if (rules === undefined) throw noEnvironment(policy, name);
    return { ctx, trusted, log, set: governedSet(policy, set), environment: name, rules, reviewed };
  };
  if (environment !== undefined && rulesOf(policy, environment) === undefined) throw noEnvironment(policy, environment);
  if (environment !== undefined && number !== undefined) {
    const set = governedSet(policy, named).name;
    const chosen = log.ledger.promotions(set, environment)[number - 1];
    const gone = chosen && goneSnapshot(chosen, log.retention);
    if (chosen !== undefined && gone !== undefined) throw goneError(chosen, gone);
    if (chosen !== undefined) return sceneOf(set, environment, chosen);
    throw nothingThere(`there is no promotion ${environment}/${number}`);
  }
  // In an environment that is named, of the usual set; else anywhere.
  const isAnywhere = named === undefined && environment === undefined;
  const sets = isAnywhere ? Object.keys(policy.sets) : [governedSet(policy, named).name];
  const environments = environment === undefined ? environmentOrder(policy) : [environment];
  const found = sets.flatMap((set) =>
    environments.flatMap((name) =>
      waitingPromotions(log, { set, environment: name }).map((reviewed) => ({ set, name, reviewed })),
    ),
  );
  const [only, ...others] = found;
  if (only === undefined)
    throw nothingThere(`no promotion waits ${environment === undefined ? 'anywhere' : `in ${environment}`}`);
  if (others.length === 0) return sceneOf(only.set, only.name, only.reviewed);
  const ofSet = (set: string, words: string) => (sets.length > 1 ? `${words} ${set}` : '');
  throw severalWait(
    found.map(({ set, name, reviewed }) => `${name}/${reviewed.event.number}${ofSet(set, ' of the set')}`),
    `git snapshot review ${only.name}/${only.reviewed.event.number}${ofSet(only.set, ' --set')}`,
  );
}

function nothingThere(message: string): SnapshotError {
  return new SnapshotError('not-found', message, {
    hint: 'What others have put up comes with "git snapshot fetch". One that is over is reviewed by its number, as in "git snapshot review production/3"; see "git snapshot promotions".',
  });
}
