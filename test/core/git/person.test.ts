import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8Decode } from '../../../src/core/byte-string.ts';
import { SnapshotError } from '../../../src/core/errors.ts';
import { encodePerson, parsePerson } from '../../../src/core/git/person.ts';
import { fuzzRuns, person } from '../arbitraries.ts';

const ADA = { name: 'Ada Example', email: 'ada@example.org', atSec: 1_700_000_000 };

test('a person is printed as git does, and read back', () => {
  expect(encodePerson({ ...ADA, name: 'Ådä' })).toBe('\xc3\x85d\xc3\xa4 <ada@example.org> 1700000000 +0000');
  fc.assert(
    fc.property(person, (some) => {
      expect(parsePerson(utf8Decode(encodePerson(some)) ?? '')).toEqual(some);
    }),
    fuzzRuns(200),
  );
});

test('what is read prints to the same text', () => {
  const pieces = ['A', ' ', '<', '>', 'a@b', '0', '1', ' +0000', '-', '\n', '\u202e', '+0100', '.'];
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...pieces), maxLength: 10 }),
    fc
      .tuple(fc.constantFrom(...pieces), fc.constantFrom(...pieces), fc.constantFrom(...pieces))
      .map(([a, b, c]) => `A${a} <${b}> ${c} +0000`),
  );
  fc.assert(
    fc.property(text, (some) => {
      const parsed = parsePerson(some);
      if (parsed !== undefined) expect(utf8Decode(encodePerson(parsed))).toBe(some);
    }),
    fuzzRuns(1000),
  );
});

describe('encodePerson', () => {
  test.each([
    '',
    ' Ada',
    'Ada ',
    'A<da',
    'Ada>',
    'A\nda',
    'A\0da',
    'A\tda',
    'A\u202eda',
    'A\u200bda',
    'A\x1bda',
    'A\ud800',
  ])('refuses the name %j', (name) => expect(() => encodePerson({ ...ADA, name })).toThrow(SnapshotError));

  test.each(['a b@c', 'a@b>', '<a@b', 'a\n', 'a\0', 'a\x7f', 'a\u2066'])('refuses the address %j', (email) => {
    expect(() => encodePerson({ ...ADA, email })).toThrow(SnapshotError);
  });
});

describe('parsePerson', () => {
  test.each([
    'Ada <a@b> 1 +0100',
    'Ada <a@b> 1 -0000',
    'Ada <a@b> 01 +0000',
    'Ada <a@b> -1 +0000',
    'Ada <a@b> 1.5 +0000',
    'Ada <a@b> 1e3 +0000',
    'Ada <a@b>  1 +0000',
    'Ada <a@b> 1 +0000 ',
    'Ada <a@b> 1 +0000\n',
    'Ada  <a@b> 1 +0000',
    ' Ada <a@b> 1 +0000',
    'Ada<a@b> 1 +0000',
    '<a@b> 1 +0000',
    ' <a@b> 1 +0000',
    'Ada <a <b> 1 +0000',
    'Ada <a@b> 1 +0000 <a@b> 2 +0000',
    'Ada <a b> 1 +0000',
    'Ada <a@b> 9999999999999 +0000',
    // One second after the year 9999: encodePerson would not write it.
    'Ada <a@b> 253402300800 +0000',
    'A\u202eda <a@b> 1 +0000',
    'A\nda <a@b> 1 +0000',
    '',
  ])('refuses %j', (text) => expect(parsePerson(text)).toBeUndefined());

  test('is done with megabytes at once', () => {
    for (const part of ['a', ' ', '<', '> ', ' <', '0', 'a <b> 1 ']) {
      expect(parsePerson(part.repeat(5_000_000 / part.length))).toBeUndefined();
    }
  });
});
