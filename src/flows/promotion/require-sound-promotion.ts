import { SnapshotError } from '../../core/errors.ts';
import type { PromotionState } from '../../core/promotion/promotion-state.ts';
import { parsePromotionTag } from '../../core/promotion/promotion-tag.ts';
import { promotionRef } from '../../core/refs.ts';
import { judgePromotion } from '../../core/trust/judge-promotion.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { failedChecks } from '../verify/judge-snapshot.ts';

/**
 * Judges the tag of a promotion that something is about to rest on.
 *
 * @throws {SnapshotError} of kind `untrusted`, with every check that failed
 */
export async function requireSoundPromotion(
  { ctx, trusted }: { ctx: Pick<Context, 'store' | 'digest' | 'verifier'>; trusted: TrustedPolicy },
  { event }: Pick<PromotionState, 'event'>,
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
