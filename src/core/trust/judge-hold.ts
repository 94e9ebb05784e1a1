import type { AuditEvent } from '../audit/event.ts';
import type { SignedHoldTag } from '../retention/hold-tag.ts';
import type { Verification } from '../signing.ts';
import { expecting } from './expecting.ts';
import { signedBy } from './judge-promotion.ts';
import type { Check } from './judge-snapshot.ts';

/** A hold's tag beside the event that tells of it. */
export interface HoldToJudge {
  readonly tag: SignedHoldTag;
  /** `sha256:` of what was signed. */
  readonly payload: string;
  readonly event: AuditEvent & { type: 'hold' };
  /** Against the keys of the policy that was in force at the event's place. */
  readonly verification: Verification;
}

/**
 * Judges a hold's tag by its event, which was judged in its place: the tag must be of that snapshot's very tag, say the same,
 * and be signed by the same key.
 */
export function judgeHold({ tag: { hold }, payload, event, verification }: HoldToJudge): Check[] {
  const checks: Check[] = [];
  const expect = expecting(checks, event.seq);
  expect('ref', `${hold.set}/${hold.id}/${hold.case}`, `${event.set}/${event.snapshot.id}/${event.case}`);
  expect('payload', payload, event.payload);
  expect('repository', hold.repository, event.repository);
  expect('snapshot', `sha256:${hold.snapshot}`, event.snapshot.payload);
  expect('object', hold.object, event.snapshot.tag);
  expect('until', hold.until, event.until);
  expect(
    'policy',
    `${hold.policy.version} sha256:${hold.policy.digest}`,
    `${event.policy.version} ${event.policy.digest}`,
  );
  checks.push(signedBy(verification, event.key));
  return checks;
}
