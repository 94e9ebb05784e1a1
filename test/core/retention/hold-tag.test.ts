import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedError } from '../../../src/core/errors.ts';
import { type ObjectFormat, SHA1, SHA256 } from '../../../src/core/oid.ts';
import { encodeHoldPayload, type HoldTag, parseHoldTag } from '../../../src/core/retention/hold-tag.ts';
import { fuzzRuns, hex, line, mutated, oid, person } from '../arbitraries.ts';

const ARMOR = '-----BEGIN PGP SIGNATURE-----\n\niQABCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n';
const name = fc.constantFrom('artifacts', 'audit-2026', '0.x_y-z');

function holdTag(format: ObjectFormat): fc.Arbitrary<HoldTag> {
  return fc.record({
    set: name,
    id: hex(12).map((digits) => `20261122T143000Z-${digits}`),
    case: name,
    object: oid(format),
    tagger: person,
    subject: line,
    body: fc.option(line, { nil: undefined }),
    repository: hex(64),
    snapshot: hex(64),
    until: fc.option(fc.constantFrom('2027-03-31T00:00:00Z', '2026-11-22T23:59:59Z'), { nil: undefined }),
    policy: fc.record({ version: fc.integer({ min: 1, max: 999_999_999 }), digest: hex(64) }),
    audit: oid(format),
  });
}

describe.each([
  ['sha1', SHA1],
  ['sha256', SHA256],
])('in a repository of %s', (_, format) => {
  test('what a hold says is read back from its bytes', () => {
    fc.assert(
      fc.property(holdTag(format), (hold) => {
        const payload = encodeHoldPayload(hold);
        expect(parseHoldTag(payload + ARMOR, format, 'x')).toEqual({ hold, payload, armor: ARMOR });
      }),
      fuzzRuns(300),
    );
  });

  test('changed bytes are refused, or print back to themselves and say something else', () => {
    const changes = holdTag(format).chain((hold) => {
      const payload = encodeHoldPayload(hold);
      return mutated(payload).map((changed) => ({ hold, changed }));
    });
    fc.assert(
      fc.property(changes, ({ hold, changed }) => {
        let read: HoldTag;
        try {
          read = parseHoldTag(changed + ARMOR, format, 'x').hold;
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
          return;
        }
        expect(encodeHoldPayload(read)).toBe(changed);
        expect(read).not.toEqual(hold);
      }),
      fuzzRuns(2000),
    );
  });
});

describe('what is refused', () => {
  const [sample] = fc.sample(holdTag(SHA1), { numRuns: 1, seed: 1 }) as [HoldTag];
  const payload = encodeHoldPayload({ ...sample, until: undefined });
  test.each([
    ['a promotion in its name', /^tag holds/m, 'tag promotions', /is not the name of a hold/],
    ['one level more', /^(tag .*)$/m, '$1/x', /is not the name of a hold/],
    ['a case that is no name', /^(tag .*\/).*$/m, '$1.x', /is not the name of a hold/],
    ['a snapshot that is none', /^(tag holds\/[^/]*\/)./m, '$1x', /is not the name of a hold/],
    ['a tag of a tree', 'type tag', 'type tree', /is not of a tag/],
    ['another format', 'Hold-Format: 1', 'Hold-Format: 2', /the format is not 1/],
    ['no end, in other words', 'Until: none', 'Until: never', /'Until' is malformed/],
    ['an end of another zone', 'Until: none', 'Until: 2027-01-01T00:00:00+01:00', /'Until' is malformed/],
    ['an end said twice', 'Until: none\n', 'Until: none\nUntil: none\n', /./],
    ['one trailer more', /^(Audit: .*)$/m, '$1\nApproved-By: ada', /not expected/],
    ['the digest of something else', /^Snapshot: sha256/m, 'Snapshot: sha512', /'Snapshot' is malformed/],
  ])('%s', (_, from, to, reason) => {
    const changed = payload.replace(from, to);
    expect(changed).not.toBe(payload);
    const parse = () => parseHoldTag(changed + ARMOR, SHA1, 'x');
    expect(parse).toThrow(MalformedError);
    expect(parse).toThrow(reason);
  });

  test('a tag without a signature', () => {
    expect(() => parseHoldTag(payload, SHA1, 'x')).toThrow(/not signed/);
  });
});
