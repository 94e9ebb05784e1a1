import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ByteString } from '../../../src/core/byte-string.ts';
import { MalformedError } from '../../../src/core/errors.ts';
import { type ObjectFormat, SHA1, SHA256 } from '../../../src/core/oid.ts';
import { type ApprovalTag, encodeApprovalPayload, parseApprovalTag } from '../../../src/core/promotion/approval-tag.ts';
import {
  encodePromotionPayload,
  type PromotionTag,
  parsePromotionTag,
} from '../../../src/core/promotion/promotion-tag.ts';
import { fuzzRuns, hex, line, mutated, oid, person } from '../arbitraries.ts';

const ARMOR = '-----BEGIN PGP SIGNATURE-----\n\niQABCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n';
const number = fc.integer({ min: 1, max: 999_999_999 });
const name = fc.constantFrom('artifacts', 'production', '0.x_y-z');
const body = fc.option(line, { nil: undefined });
const policy = fc.record({ version: number, digest: hex(64) });

function promotionTag(format: ObjectFormat): fc.Arbitrary<PromotionTag> {
  return fc.record({
    set: name,
    environment: name,
    number,
    object: oid(format),
    tagger: person,
    subject: line,
    body,
    repository: hex(64),
    action: fc.constantFrom('promote', 'rollback'),
    snapshot: hex(12).map((digits) => `20261122T143000Z-${digits}`),
    payload: hex(64),
    manifest: hex(64),
    live: fc.option(number, { nil: undefined }),
    policy,
    audit: oid(format),
    gates: fc.array(
      fc.record({
        name: fc.constantFrom('schema', 'a.b-c'),
        verdict: fc.constantFrom('pass', 'fail', 'error'),
        evidence: hex(64).map((digits) => `sha256:${digits}`),
        durationMs: fc.nat(),
      }),
      { maxLength: 3 },
    ),
    frozen: fc.array(line, { maxLength: 2 }),
    breakGlass: fc.boolean(),
  });
}

function approvalTag(format: ObjectFormat): fc.Arbitrary<ApprovalTag> {
  return fc.record({
    set: name,
    environment: name,
    number,
    key16: hex(16),
    object: oid(format),
    tagger: person,
    subject: line,
    body,
    repository: hex(64),
    decision: fc.constantFrom('approve', 'reject', 'withdraw'),
    promotion: hex(64),
    policy,
    audit: oid(format),
  });
}

/** Parsed, or nothing where it is refused as it should be. */
function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedError);
    return undefined;
  }
}

describe.each([
  ['sha1', SHA1],
  ['sha256', SHA256],
])('in a repository of %s', (_, format) => {
  test('what a promotion says is read back from its bytes', () => {
    fc.assert(
      fc.property(promotionTag(format), (tag) => {
        const payload = encodePromotionPayload(tag);
        expect(parsePromotionTag(payload + ARMOR, format, 'x')).toEqual({ promotion: tag, payload, armor: ARMOR });
      }),
      fuzzRuns(300),
    );
  });

  test('what an approval says is read back from its bytes', () => {
    fc.assert(
      fc.property(approvalTag(format), (tag) => {
        const payload = encodeApprovalPayload(tag);
        expect(parseApprovalTag(payload + ARMOR, format, 'x')).toEqual({ approval: tag, payload, armor: ARMOR });
      }),
      fuzzRuns(300),
    );
  });

  test('changed bytes are refused, or print back to themselves and say something else', () => {
    const change = (payload: ByteString) => mutated(payload).map((changed) => ({ payload, changed }));
    fc.assert(
      fc.property(promotionTag(format).map(encodePromotionPayload).chain(change), ({ payload, changed }) => {
        const read = parsed(() => parsePromotionTag(changed + ARMOR, format, 'x'));
        if (read === undefined) return;
        expect(encodePromotionPayload(read.promotion)).toBe(changed);
        expect(read.promotion).not.toEqual(parsePromotionTag(payload + ARMOR, format, 'x').promotion);
      }),
      fuzzRuns(2000),
    );
    fc.assert(
      fc.property(approvalTag(format).map(encodeApprovalPayload).chain(change), ({ payload, changed }) => {
        const read = parsed(() => parseApprovalTag(changed + ARMOR, format, 'x'));
        if (read === undefined) return;
        expect(encodeApprovalPayload(read.approval)).toBe(changed);
        expect(read.approval).not.toEqual(parseApprovalTag(payload + ARMOR, format, 'x').approval);
      }),
      fuzzRuns(2000),
    );
  });
});

describe('what is refused', () => {
  const [promotion] = fc.sample(promotionTag(SHA1), { numRuns: 1, seed: 1 }) as [PromotionTag];
  const [approval] = fc.sample(approvalTag(SHA1), { numRuns: 1, seed: 1 }) as [ApprovalTag];
  const refuse = (from: string | RegExp, to: string) => {
    const payload = encodePromotionPayload({ ...promotion, number: 7, breakGlass: true });
    const changed = payload.replace(from, to);
    expect(changed).not.toBe(payload);
    return expect(() => parsePromotionTag(changed + ARMOR, SHA1, 'x'));
  };

  test.each([
    ['a number in another spelling', /^(tag .*\/)7$/m, '$107', /is not the name of a promotion/],
    ['number 0', /^(tag .*\/)7$/m, '$10', /is not the name of a promotion/],
    ['a tag of a tree', 'type tag', 'type tree', /is not of a tag/],
    ['another format', 'Promotion-Format: 1', 'Promotion-Format: 2', /the format is not 1/],
    ['another action', /^Action: .*$/m, 'Action: undo', /'Action' is malformed/],
    ['break-glass said twice', 'Break-Glass: yes\n', 'Break-Glass: yes\nBreak-Glass: yes\n', /canonical|not expected/],
    ['break-glass that says no', 'Break-Glass: yes', 'Break-Glass: no', /not expected/],
    ['one trailer more', 'Break-Glass: yes\n', 'Break-Glass: yes\nApproved-By: ada\n', /not expected/],
    ['an approval in its name', /^tag promotions/m, 'tag approvals', /is not the name of a promotion/],
  ])('%s', (_, from, to, reason) => refuse(from, to).toThrow(reason));

  test('a promotion is no approval, and an approval no promotion', () => {
    expect(() => parseApprovalTag(encodePromotionPayload(promotion) + ARMOR, SHA1, 'x')).toThrow(MalformedError);
    expect(() => parsePromotionTag(encodeApprovalPayload(approval) + ARMOR, SHA1, 'x')).toThrow(MalformedError);
  });

  test('a tag without a signature', () => {
    expect(() => parseApprovalTag(encodeApprovalPayload(approval), SHA1, 'x')).toThrow(/not signed/);
    expect(() => parsePromotionTag(encodePromotionPayload(promotion), SHA1, 'x')).toThrow(/not signed/);
  });
});
