import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedError } from '../../../src/core/errors.ts';
import { formatBundleHeader, parseBundleHeader } from '../../../src/core/exchange/bundle-header.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { SHA1, SHA256 } from '../../../src/core/oid.ts';

const refs = (digits: number) =>
  fc.uniqueArray(
    fc.record({
      name: fc.stringMatching(/^refs\/[a-z0-9/-]{1,40}$/),
      oid: fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`)).map((text) => text as Oid),
    }),
    { selector: ({ name }) => name, maxLength: 5 },
  );
const headers = fc.oneof(
  refs(40).map((list) => ({ format: SHA1, refs: list })),
  refs(64).map((list) => ({ format: SHA256, refs: list })),
);

const OID = '1'.repeat(40);

describe('the header of a bundle', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(headers, (header) => {
        expect(parseBundleHeader(formatBundleHeader(header).slice(0, -2), 'it')).toEqual(header);
      }),
    );
  });

  test('is nothing else, however it is damaged', () => {
    fc.assert(
      fc.property(headers, fc.nat(), fc.integer({ min: 0, max: 255 }), (header, at, byte) => {
        const text = formatBundleHeader(header).slice(0, -2);
        const place = at % text.length;
        const changed = `${text.slice(0, place)}${String.fromCharCode(byte)}${text.slice(place + 1)}`;
        try {
          const read = parseBundleHeader(changed, 'it');
          // What is taken is taken as it stands.
          expect(formatBundleHeader(read)).toBe(`${changed}\n\n`);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
    );
  });

  test.each([
    ['', /is not a bundle/],
    ['# v1 git bundle', /is not a bundle/],
    ['# v3 git bundle\n@filter=blob:none', /asks for what is not known/],
    ['# v2 git bundle\n@object-format=sha1', /odd line/],
    [`# v2 git bundle\n-${OID} subject`, /builds on objects/],
    [`# v2 git bundle\n${OID} HEAD`, /odd line/],
    [`# v2 git bundle\n${OID} refs/a\n${OID} refs/a`, /twice/],
    [`# v3 git bundle\n@object-format=sha256\n${OID} refs/a`, /odd line/],
    [`# v3 git bundle\n${OID} refs/a`, /would not write/],
    [`# v2 git bundle\n${OID} refs/a\n`, /odd line/],
  ])('%j is refused', (text, says) => {
    expect(() => parseBundleHeader(text, 'it')).toThrow(says);
  });
});
