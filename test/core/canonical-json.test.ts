import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, type Json, parseCanonicalJson } from '../../src/core/canonical-json.ts';
import { MalformedError } from '../../src/core/errors.ts';
import { fuzzRuns, mutated } from './arbitraries.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('__proto__', 'constructor', '', '\u2028', '\0'),
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map(Object.fromEntries),
  ),
}));

const parse = (json: string) => parseCanonicalJson(json, 'the test');

describe('canonicalJson', () => {
  test('prints what every JSON parser reads as the same value, and reads it back', () => {
    fc.assert(
      fc.property(value, (some) => {
        const json = canonicalJson(some);
        // Vitest's own comparison is misled by a member named __proto__.
        expect(isDeepStrictEqual(JSON.parse(json), JSON.parse(JSON.stringify(some)))).toBe(true);
        expect(isDeepStrictEqual(parse(json), JSON.parse(json))).toBe(true);
        expect(canonicalJson(parse(json))).toBe(json);
      }),
      fuzzRuns(400),
    );
  });

  test('sorts keys by code unit, at every depth, and leaves out what is undefined', () => {
    const some = { b: 1, a: { z: [], y: {} }, B: undefined, '10': 1, '9': 2, '\uffff': 3, '\u{10000}': 4, aa: 5 };
    expect(canonicalJson(some)).toBe('{"10":1,"9":2,"a":{"y":{},"z":[]},"aa":5,"b":1,"\u{10000}":4,"\uffff":3}');
  });

  test('keeps a member named __proto__ a member', () => {
    const json = '{"__proto__":{"admin":true}}';
    expect(canonicalJson(parse(json))).toBe(json);
    expect(Object.getPrototypeOf(parse(json))).toBe(Object.prototype);
  });

  test.each([0.5, Number.NaN, Infinity, 2 ** 53, 1e300])('does not print %d', (number) => {
    expect(() => canonicalJson([number])).toThrow(RangeError);
  });

  test('does not print a lone surrogate', () => {
    expect(() => canonicalJson('\ud800')).toThrow(RangeError);
    expect(() => canonicalJson({ '\udc00': 1 })).toThrow(RangeError);
  });
});

describe('parseCanonicalJson', () => {
  test.each([
    ['', 'nothing'],
    ['{"a":1', 'cut short'],
    [' 1', 'white space'],
    ['1\n', 'white space after it'],
    ['{"a": 1}', 'white space inside'],
    ['{"b":1,"a":1}', 'keys out of order'],
    ['{"a":1,"a":1}', 'a key twice'],
    ['{"__proto__":1,"__proto__":1}', 'a key twice'],
    ['1.0', 'a fraction'],
    ['1e2', 'an exponent'],
    ['1.5', 'a fraction'],
    ['-0', 'minus nought'],
    ['9007199254740993', 'too large'],
    ['1e999', 'infinite'],
    ['"\\u0041"', 'an escape that is not needed'],
    ['"\\/"', 'an escape that is not needed'],
    ['"\\u000A"', 'an escape in upper case'],
    ['"\\u000a"', 'the long escape'],
    ['"\\ud800"', 'a lone surrogate'],
    ['{"\\ud800":1}', 'a lone surrogate in a key'],
    ['\ufeff1', 'a byte order mark'],
    ['NaN', 'no JSON'],
    ["{'a':1}", 'no JSON'],
    ['[1,]', 'no JSON'],
  ])('refuses %j: %s', (json) => expect(() => parse(json)).toThrow(MalformedError));

  test('accepts nothing but the one spelling', () => {
    const near = value.map(canonicalJson).chain(mutated);
    fc.assert(
      fc.property(near, (json) => {
        try {
          expect(canonicalJson(parse(json))).toBe(json);
        } catch (error) {
          if (!(error instanceof MalformedError)) throw error;
        }
      }),
      fuzzRuns(500),
    );
  });

  test('refuses endless nesting without falling over', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const nested = (depth: number) => open.repeat(depth) + (open === '[' ? '' : '1') + close.repeat(depth);
      expect(canonicalJson(parse(nested(100)))).toBe(nested(100));
      expect(() => parse(nested(101))).toThrow(/nested more than 100 deep/);
      expect(() => parse(nested(1_000_000))).toThrow(MalformedError);
    }
  });
});
