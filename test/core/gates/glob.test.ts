import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8Encode } from '../../../src/core/byte-string.ts';
import { compileGlob, isGlob } from '../../../src/core/gates/glob.ts';

const matches = (glob: string, path: string) => compileGlob(utf8Encode(glob))(utf8Encode(path));

describe('a glob', () => {
  test.each([
    ['a.json', 'a.json'],
    ['*.json', 'a.json'],
    ['*.json', '.json'],
    ['*', '.hidden'],
    ['a*', 'a'],
    ['a*b*c', 'a1b2b3c'],
    ['a**b', 'a123b'],
    ['*é*', 'café.txt'],
    ['**/a', 'a'],
    ['**/a', 'x/y/a'],
    ['**', 'x/y/a'],
    ['x/**', 'x/a'],
    ['x/**', 'x/y/a'],
    ['x/**/a', 'x/a'],
    ['x/**/a', 'x/y/z/a'],
    ['x/**/y/*/a', 'x/y/y/q/a'],
    ['**/*.key', 'a\nb/c\nd.key'],
    ['(a|b)+[c]{d}?.js', '(a|b)+[c]{d}?.js'],
    ['!a', '!a'],
    ['#a', '#a'],
  ])('%j matches %j', (glob, path) => {
    expect(matches(glob, path)).toBe(true);
  });

  test.each([
    ['*.json', 'x/a.json'],
    ['*.json', 'a.jsonl'],
    ['*.json', 'a.JSON'],
    ['a*a', 'a'],
    ['ab*bc', 'abc'],
    ['x/**', 'x'],
    ['**/a', 'ba'],
    ['a**b', 'a/b'],
    ['x/*/a', 'x/a'],
    ['x/**/y', 'x/y/z'],
    ['a?', 'ab'],
    ['[ab]', 'a'],
    ['a.c', 'abc'],
  ])('%j does not match %j', (glob, path) => {
    expect(matches(glob, path)).toBe(false);
  });

  test('goes by bytes, where a name is not UTF-8', () => {
    expect(compileGlob('models/*.bin')('models/\xff\xfe.bin')).toBe(true);
    expect(compileGlob(utf8Encode('é'))('\xe9')).toBe(false);
  });

  test('agrees with an expression', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 5 });
    const plain = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 5 });
    const path = fc.array(plain, { minLength: 1, maxLength: 5 }).map((names) => names.join('/'));
    const glob = fc.array(fc.oneof(name, fc.constant('**')), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(glob, path, (names, path) => {
        const parts = names.map((part, i) => {
          const last = i === names.length - 1;
          if (part === '**') return last ? '[^/]+(?:/[^/]+)*' : '(?:[^/]+/)*';
          return part.replaceAll(/\*+/g, '[^/]*') + (last ? '' : '/');
        });
        expect(matches(names.join('/'), path)).toBe(new RegExp(`^${parts.join('')}$`).test(path));
      }),
      { numRuns: 2000 },
    );
  });

  test('takes no time to see that it does not match', () => {
    // An expression would backtrack over all of this for longer than there is time.
    expect(matches(`${'*a'.repeat(100)}b`, 'a'.repeat(4000))).toBe(false);
    expect(matches(`${'**/a/'.repeat(100)}b`, 'a/'.repeat(500).concat('c'))).toBe(false);
  });

  test.each(['', '/a', 'a/', 'a//b', './a', 'a/../b', '..', 'a\0', '\ud800', '.git/x'])('%j is none', (text) => {
    expect(isGlob(text)).toBe(false);
  });
});
