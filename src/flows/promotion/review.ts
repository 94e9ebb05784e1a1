import { SnapshotError } from '../../core/errors.ts';
import { frozenAt, nextFreeze } from '../../core/promotion/freeze.ts';
import { parsePromotionTag } from '../../core/promotion/promotion-tag.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import type { CheckResult } from '../results.ts';
import { requireSoundPromotion } from './require-sound-promotion.ts';
import type { ReviewChoice, ReviewScene } from './review-choice.ts';
import { openReview } from './review-choice.ts';
import { reviewGates } from './review-gates.ts';
import type { ReviewOrigin, ReviewResult } from './review-result.ts';
import { missingApprovals, reviewSigners } from './review-signers.ts';
import { reviewSnapshots } from './review-snapshots.ts';
import { holdInfo, promotionInfos } from './show-promotions.ts';

/** What to review, and how closely. */
export interface ReviewOptions extends ReviewChoice {
  /** Reads no content: what it is, is what trees and tags say. */
  readonly quick: boolean;
  /** Runs the gates now, besides telling what they said then. */
  readonly rerun: boolean;
}

/**
 * Gathers what a reviewer of a promotion needs: what it changes, whether what it stands on is sound, what the gates say, who
 * signed, and who has not yet. Writes nothing.
 *
 * @throws {SnapshotError} `not-found` or `usage` where no one promotion is meant, `untrusted` where policy or log are not to be
 *   believed; whatever is wrong with the promotion itself is in the result
 */
export async function reviewPromotion(ctx: Context, options: ReviewOptions): Promise<ReviewResult> {
  const scene = await openReview(ctx, options);
  const { trusted, rules, reviewed, log, set, environment } = scene;
  const { checks, body } = await tagChecks(scene);
  const { snapshot, before, changes, good } = await reviewSnapshots(scene, options);
  const gates = await reviewGates(scene, { rerun: options.rerun ? good : undefined });
  const infos = promotionInfos({ policy: trusted.policy, log }, { set: set.name, environment });
  const promotion = infos[reviewed.event.number - 1];
  if (promotion === undefined) throw new Error('a promotion that was chosen is listed');
  const allChecks = [...checks, ...snapshot.checks, ...(before?.checks ?? [])];
  const couldRun = gates.filter(({ type, isRequired }) => type !== undefined || isRequired);
  const passesNow = !options.rerun || (good !== undefined && couldRun.every(({ rerun }) => rerun?.verdict === 'pass'));
  return {
    promotion,
    body,
    rules,
    live: infos.find(({ status }) => status === 'live'),
    snapshot,
    before,
    checks,
    isDeep: !options.quick,
    changes,
    gates,
    signers: reviewSigners(scene),
    missing: missingApprovals(scene),
    origin: originOf(scene),
    hold: holdInfo(log.ledger.held(reviewed.event, trusted.policy)),
    frozen: frozenAt(rules.freeze, nowSec(ctx)),
    nextFreeze: nextFreeze(rules.freeze, nowSec(ctx)),
    policy: { made: reviewed.event.policy, current: { version: trusted.policy.version, digest: trusted.digest } },
    isSound: allChecks.every(({ ok }) => ok) && passesNow,
  };
}

/** Judges the promotion's tag; what fails is a check. */
async function tagChecks(scene: ReviewScene): Promise<{ checks: CheckResult[]; body: string | undefined }> {
  const { ctx, reviewed, log } = scene;
  const { event, oid } = reviewed;
  const voided = log.voided.get(oid);
  const counts: CheckResult[] = voided === undefined ? [] : [{ check: 'event', ok: false, detail: voided }];
  try {
    await requireSoundPromotion(scene, reviewed);
  } catch (error) {
    if (!(error instanceof SnapshotError) || !['untrusted', 'not-found'].includes(error.kind)) throw error;
    return { checks: [...counts, { check: 'promotion', ok: false, detail: error.message }], body: undefined };
  }
  const { body } = await ctx.store.readObject(event.tag);
  const { promotion } = parsePromotionTag(body, ctx.store.format, `'${event.tag}'`);
  const detail = `says what event ${event.seq} of the log says, signed by ${event.key}`;
  return { checks: [...counts, { check: 'promotion', ok: true, detail }], body: promotion.body };
}

/** Where it has to have been first, and whether it is there still. */
function originOf({ ctx, log, set, rules, reviewed }: ReviewScene): ReviewOrigin | undefined {
  if (rules.from === undefined) return undefined;
  const live = log.ledger.live(set.name, rules.from);
  const isSame = live?.event.snapshot.payload === reviewed.event.snapshot.payload;
  const sinceSec = isSame ? live?.effective?.atSec : undefined;
  return {
    environment: rules.from,
    snapshot: live?.event.snapshot.id,
    isSame,
    soakLeftSec: sinceSec === undefined ? undefined : Math.max(0, sinceSec + rules.soakSec - nowSec(ctx)),
  };
}
