import type { PromotionEvent } from '../promotion/promotion-state.ts';
import type { SignedPromotionTag } from '../promotion/promotion-tag.ts';
import type { Verification } from '../signing.ts';
import { expecting } from './expecting.ts';
import type { Check } from './judge-snapshot.ts';

/** A promotion's tag beside the event that tells of it. */
export interface PromotionToJudge {
  readonly tag: SignedPromotionTag;
  /** `sha256:` of what was signed. */
  readonly payload: string;
  readonly event: PromotionEvent;
  /** Against the keys of the policy that was in force at the event's place. */
  readonly verification: Verification;
}

/**
 * Judges a promotion's tag by its event, which was judged in its place: the tag must say the very same, and be signed by
 * the same key.
 */
export function judgePromotion({ tag: { promotion }, payload, event, verification }: PromotionToJudge): Check[] {
  const checks: Check[] = [];
  const expect = expecting(checks, event.seq);
  const place = (of: { set: string; environment: string; number: number }) =>
    `${of.set}/${of.environment}/${of.number}`;
  expect('ref', place(promotion), place(event));
  expect('payload', payload, event.payload);
  expect('repository', promotion.repository, event.repository);
  expect('action', promotion.action, event.action);
  expect('snapshot', promotion.object, event.snapshot.tag);
  expect('snapshot', promotion.snapshot, event.snapshot.id);
  expect('content', `sha256:${promotion.payload}`, event.snapshot.payload);
  const gates = (of: readonly { name: string; verdict: string; evidence: string }[]) =>
    of.map(({ name, verdict, evidence }) => `${name} ${verdict} ${evidence}`).join(', ') || 'none';
  expect('gates', gates(promotion.gates), gates(event.gates));
  expect('frozen', promotion.frozen.join(', ') || 'no', event.frozen?.join(', ') || 'no');
  expect('break-glass', promotion.breakGlass, event.breakGlass === true);
  expect(
    'policy',
    `${promotion.policy.version} sha256:${promotion.policy.digest}`,
    `${event.policy.version} ${event.policy.digest}`,
  );
  checks.push(signedBy(verification, event.key));
  return checks;
}

/** Whether a tag is signed by the key that its event names. */
export function signedBy(verification: Verification, expected: string): Check {
  const check = 'signature';
  if (verification.status === 'bad') return { check, ok: false, detail: verification.reason };
  if (verification.status === 'unknown-key')
    return { check, ok: false, detail: `the key ${verification.keyId} is not in the policy` };
  return verification.key === expected
    ? { check, ok: true, detail: `good, by ${expected}` }
    : { check, ok: false, detail: `good, but by ${verification.key}, and the event is by ${expected}` };
}
