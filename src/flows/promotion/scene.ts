import { SnapshotError } from '../../core/errors.ts';
import type { PromotionState } from '../../core/promotion/promotion-state.ts';
import { parsePromotionTag } from '../../core/promotion/promotion-tag.ts';
import type { EnvironmentRules } from '../../core/promotion/rules.ts';
import { rulesOf } from '../../core/promotion/rules.ts';
import { promotionRef } from '../../core/refs.ts';
import { judgePromotion } from '../../core/trust/judge-promotion.ts';
import type { Context, GovernedSet } from '../context.ts';
import { sha256Of } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import { logFault, openLog } from '../log/open-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { noEnvironment } from '../snapshot/choose-snapshot.ts';
import { failedChecks } from '../verify/judge-snapshot.ts';

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

/** The log, if it is to be believed. @throws {SnapshotError} of kind `untrusted` */
export async function soundLog(ctx: Context, trusted: TrustedPolicy): Promise<Log> {
  const log = await openLog(ctx, trusted);
  const fault = logFault(log);
  if (fault === undefined) return log;
  throw new SnapshotError('untrusted', `what is live cannot be told: ${fault}`, {
    hint: 'See "git snapshot log --verify" for every finding.',
  });
}

/**
 * Judges the tag of a promotion that something is about to rest on.
 *
 * @throws {SnapshotError} of kind `untrusted`, with every check that failed
 */
export async function requireSoundPromotion(
  { ctx, trusted }: PromotionScene,
  { event }: PromotionState,
): Promise<void> {
  const ref = promotionRef(event);
  const oid = await ctx.store.readRef(ref);
  const found = oid === event.tag ? await ctx.store.readObject(event.tag) : undefined;
  if (found === undefined) {
    throw new SnapshotError(
      'untrusted',
      `'${ref}' is ${oid === null ? 'gone' : `at ${oid}`}, event ${event.seq} tells of it at ${event.tag}`,
      {
        hint: 'Fetch it from a clone that has it; do not go on until you know who moved it.',
      },
    );
  }
  const tag = parsePromotionTag(found.body, ctx.store.format, `'${ref}'`);
  const version = (await trusted.timeline()).version(event.policy.version);
  const verification = await (await ctx.verifier()).verify(tag.payload, tag.armor, (await version?.keys()) ?? []);
  const failed = failedChecks(judgePromotion({ tag, payload: sha256Of(ctx, tag.payload), event, verification }));
  if (failed !== undefined)
    throw new SnapshotError('untrusted', `promotion '${ref}' is not to be trusted: ${failed}`, {
      hint: 'Nothing was changed. Run "git snapshot log --verify".',
    });
}
