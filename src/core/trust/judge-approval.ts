import type { SignedApprovalTag } from '../promotion/approval-tag.ts';
import type { ApprovalEvent, PromotionEvent } from '../promotion/promotion-state.ts';
import type { Verification } from '../signing.ts';
import { key16 } from '../signing.ts';
import { expecting } from './expecting.ts';
import { signedBy } from './judge-promotion.ts';
import type { Check } from './judge-snapshot.ts';

/** An approval's tag beside the event that tells of it. */
export interface ApprovalToJudge {
  readonly tag: SignedApprovalTag;
  /** `sha256:` of what was signed. */
  readonly payload: string;
  readonly event: ApprovalEvent;
  /** The event of the promotion of that number; undefined if there is none. */
  readonly promotion: PromotionEvent | undefined;
  /** Against the keys of the policy that was in force at the event's place. */
  readonly verification: Verification;
}

/**
 * Judges an approval's tag by its event, which was judged in its place: the tag must be of that promotion's very tag, say the
 * same, and be signed by the same key.
 */
export function judgeApproval({ tag, payload, event, promotion, verification }: ApprovalToJudge): Check[] {
  const { approval } = tag;
  const checks: Check[] = [];
  const expect = expecting(checks, event.seq);
  expect(
    'ref',
    `${approval.set}/${approval.environment}/${approval.number}/${approval.key16}`,
    `${event.set}/${event.environment}/${event.number}/${key16(event.key)}`,
  );
  expect('payload', payload, event.payload);
  expect('repository', approval.repository, event.repository);
  expect('decision', approval.decision, event.decision);
  expect('promotion', `sha256:${approval.promotion}`, event.promotion);
  expect('object', approval.object, promotion?.tag);
  expect(
    'policy',
    `${approval.policy.version} sha256:${approval.policy.digest}`,
    `${event.policy.version} ${event.policy.digest}`,
  );
  checks.push(signedBy(verification, event.key));
  return checks;
}
