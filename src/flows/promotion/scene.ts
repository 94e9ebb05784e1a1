import type { EnvironmentRules } from '../../core/promotion/rules.ts';
import { rulesOf } from '../../core/promotion/rules.ts';
import type { Context, GovernedSet } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import { soundLog } from '../log/sound-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { noEnvironment } from '../snapshot/choose-snapshot.ts';

/** An environment of a set, with all that decides about it. */
export interface PromotionScene {
  readonly ctx: Context;
  readonly trusted: TrustedPolicy;
  readonly log: Log;
  readonly set: GovernedSet;
  readonly environment: string;
  readonly rules: EnvironmentRules;
}

/** Which environment is meant. */
export interface EnvironmentChoice {
  readonly set: string | undefined;
  readonly environment: string;
}

/**
 * Reads policy and log for an environment.
 *
 * @throws {SnapshotError} `not-found` for an environment that the policy has not, `untrusted` for a log with findings
 */
export async function openScene(ctx: Context, choice: EnvironmentChoice): Promise<PromotionScene> {
  const trusted = await loadPolicy(ctx);
  const set = governedSet(trusted.policy, choice.set);
  const rules = rulesOf(trusted.policy, choice.environment);
  if (rules === undefined) throw noEnvironment(trusted.policy, choice.environment);
  return { ctx, trusted, log: await soundLog(ctx, trusted), set, environment: choice.environment, rules };
}
