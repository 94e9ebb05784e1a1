import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8Encode } from '../../../src/core/byte-string.ts';
import { parseStrictJson } from '../../../src/gates/json/parse-strict.ts';

describe('strict JSON', () => {
  test('takes whatever JSON.stringify prints, as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent).toWellFormed();
        expect(parseStrictJson(utf8Encode(text))).toEqual({ value: JSON.parse(text) });
      }),
      { numRuns: 1000 },
    );
  });

  test('finds a key that is there twice, wherever it is, and however it is written', () => {
    const key = fc.string({ unit: fc.constantFrom('a', '"', '\\', '/', '~', '{', ',', ':', 'é') });
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), key, fc.boolean(), (value, key, escaped) => {
        const inner = JSON.stringify(value).toWellFormed();
        const again = escaped
          ? `"${[...key].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
          : JSON.stringify(key);
        const text = `[${inner},{${JSON.stringify(key)} : ${inner},"other key":[${inner}],${again}:${inner}}]`;
        const pointer = `/1/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        expect(parseStrictJson(utf8Encode(text))).toEqual({
          fault: `has the key ${JSON.stringify(key)} twice in one object`,
          pointer,
        });
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['1e308', undefined],
    ['1e309', ''],
    ['-1E+400', ''],
    [`1${'0'.repeat(400)}`, ''],
    ['{"a":[0,{"b":1e999}]}', '/a/1/b'],
    ['["1e999"]', undefined],
    ['1e-999', undefined],
  ])('of the number in %j, says where it is too large: %j', (text, pointer) => {
    const parsed = parseStrictJson(text);
    expect(parsed.fault === undefined ? undefined : parsed.pointer).toBe(pointer);
  });

  test('knows how deep is too deep', () => {
    const nested = (depth: number) => parseStrictJson(`${'[{"a":'.repeat(depth / 2)}0${'}]'.repeat(depth / 2)}`);
    expect(nested(1000).fault).toBeUndefined();
    expect(nested(1002).fault).toBe('is nested more than 1000 deep');
  });
});
