import type { AuditEvent } from '../../core/audit/event.ts';
import type { ExpectedRef } from '../../core/audit/expected-refs.ts';
import { MalformedError, MissingObjectError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { GitObject } from '../../core/ports.ts';
import { parseApprovalTag } from '../../core/promotion/approval-tag.ts';
import { parsePromotionTag } from '../../core/promotion/promotion-tag.ts';
import { promotionRef } from '../../core/refs.ts';
import { parseHoldTag } from '../../core/retention/hold-tag.ts';
import type { Verification } from '../../core/signing.ts';
import type { Finding } from '../../core/trust/finding.ts';
import { judgeApproval } from '../../core/trust/judge-approval.ts';
import { judgeHold } from '../../core/trust/judge-hold.ts';
import { judgePromotion } from '../../core/trust/judge-promotion.ts';
import type { Check } from '../../core/trust/judge-snapshot.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';

type Judging = Pick<Context, 'store' | 'digest' | 'verifier' | 'report'>;

/** An event that comes with a tag of its own. */
type TaggedEvent = AuditEvent & { type: 'promotion' | 'approval' | 'hold' };

/** Where such a tag is, and the event that tells of it. */
interface ToldTag {
  readonly ref: string;
  readonly tag: Oid;
  readonly event: TaggedEvent;
}

/**
 * Judges the tag of every promotion, of the last word of everybody who said something of one, and of every hold, by the events
 * that tell of them. What somebody said before has no ref any more, and may be gone.
 *
 * @param expected - what the log tells of
 * @param known - refs that were judged before, and what they were then: not judged again
 */
export async function judgeTags(
  ctx: Judging,
  trusted: Pick<TrustedPolicy, 'timeline'>,
  expected: ReadonlyMap<string, ExpectedRef>,
  known: ReadonlyMap<string, Oid> = new Map(),
): Promise<Finding[]> {
  const promotions = new Map<string, TaggedEvent>();
  const told: ToldTag[] = [];
  for (const [ref, { tag, logged }] of expected) {
    const { event } = logged;
    if (!isTagged(event)) continue;
    if (event.type === 'promotion') promotions.set(ref, event);
    if (known.get(ref) !== tag) told.push({ ref, tag, event });
  }
  if (told.length === 0) return [];
  const objects = await readTags(ctx, told);
  const progress = ctx.report.phase('Checking tags');
  const findings: Finding[] = [];
  for (const [i, one] of told.entries()) {
    findings.push(...(await judgeTag(ctx, trusted, { ...one, promotions, object: objects[i] })));
    progress(i + 1, told.length);
  }
  return findings;
}

function isTagged(event: AuditEvent): event is TaggedEvent {
  return event.type === 'promotion' || event.type === 'approval' || event.type === 'hold';
}

/** All of them, in one pass; none where one cannot be read, so that each must be read by itself. */
async function readTags(ctx: Judging, told: readonly ToldTag[]): Promise<readonly GitObject[]> {
  try {
    return await ctx.store.readObjects(told.map(({ tag }) => tag));
  } catch (error) {
    if (error instanceof MissingObjectError || error instanceof MalformedError) return [];
    throw error;
  }
}

interface TagToJudge extends ToldTag {
  readonly promotions: ReadonlyMap<string, TaggedEvent>;
  /** Undefined: it is still to be read. */
  readonly object: GitObject | undefined;
}

async function judgeTag(
  ctx: Judging,
  trusted: Pick<TrustedPolicy, 'timeline'>,
  { ref, tag, event, promotions, object }: TagToJudge,
): Promise<Finding[]> {
  try {
    const { type, body } = object ?? (await ctx.store.readObject(tag));
    if (type !== 'tag') throw new MalformedError(`'${ref}'`, `names a ${type}, not a tag`);
    const checks = await checksOf(ctx, trusted, { ref, event, promotions, body });
    return checks
      .filter(({ ok }) => !ok)
      .map(({ check, detail }) => ({ rule: check, object: tag, detail: `'${ref}': ${detail}` }));
  } catch (error) {
    if (error instanceof MissingObjectError)
      return [{ rule: 'missing', object: tag, detail: `'${ref}': the tag of event ${event.seq} is missing` }];
    if (error instanceof MalformedError) return [{ rule: 'format', object: tag, detail: error.message }];
    throw error;
  }
}

async function checksOf(
  ctx: Judging,
  trusted: Pick<TrustedPolicy, 'timeline'>,
  { ref, event, promotions, body }: Pick<TagToJudge, 'ref' | 'event' | 'promotions'> & { body: GitObject['body'] },
): Promise<Check[]> {
  const what = `'${ref}'`;
  const verify = async ({ payload, armor }: { payload: string; armor: string }): Promise<Verification> => {
    const version = (await trusted.timeline()).version(event.policy.version);
    return (await ctx.verifier()).verify(payload, armor, (await version?.keys()) ?? []);
  };
  if (event.type === 'promotion') {
    const tag = parsePromotionTag(body, ctx.store.format, what);
    return judgePromotion({ tag, payload: sha256Of(ctx, tag.payload), event, verification: await verify(tag) });
  }
  if (event.type === 'hold') {
    const tag = parseHoldTag(body, ctx.store.format, what);
    return judgeHold({ tag, payload: sha256Of(ctx, tag.payload), event, verification: await verify(tag) });
  }
  const tag = parseApprovalTag(body, ctx.store.format, what);
  const of = promotions.get(promotionRef(event));
  return judgeApproval({
    tag,
    payload: sha256Of(ctx, tag.payload),
    event,
    promotion: of?.type === 'promotion' ? of : undefined,
    verification: await verify(tag),
  });
}
