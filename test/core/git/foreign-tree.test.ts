import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hexToBytes } from '../../../src/core/byte-string.ts';
import { MalformedError } from '../../../src/core/errors.ts';
import { parseForeignTree } from '../../../src/core/git/foreign-tree.ts';
import { encodeTree, type TreeItem } from '../../../src/core/git/tree.ts';
import { SHA1, SHA256 } from '../../../src/core/oid.ts';
import { fuzzRuns, oid, pathName } from '../arbitraries.ts';

const ONE = '1'.repeat(40);
const TWO = '2'.repeat(40);

/** A tree of these very entries. */
const raw = (...entries: readonly (readonly [mode: string, name: string, oid?: string])[]) =>
  entries.map(([mode, name, at = ONE]) => `${mode} ${name}\0${hexToBytes(at)}`).join('');
const parse = (body: string) => parseForeignTree(body, SHA1, 'the tree');

test.each([SHA1, SHA256])('every tree of ours is one: $name', (format) => {
  const mode = fc.constantFrom<TreeItem['mode']>('40000', '100644', '100755', '120000');
  const items = fc.uniqueArray(fc.record({ mode, name: pathName, oid: oid(format) }), { selector: ({ name }) => name });
  fc.assert(
    fc.property(items, (some) => {
      const found = parseForeignTree(encodeTree(some), format, 'the tree');
      const expected = some.map((item) => ({ name: item.name, oid: item.oid, isDirectory: item.mode === '40000' }));
      expect(new Set(found.map((item) => JSON.stringify(item)))).toEqual(
        new Set(expected.map((item) => JSON.stringify(item))),
      );
    }),
    fuzzRuns(100),
  );
});

test('submodules, modes of old and zeros before them are read as git reads them', () => {
  const found = parse(raw(['160000', 'a'], ['100664', 'b'], ['040000', 'c'], ['40755', 'd'], ['140000', 'e']));
  expect(found.map(({ name, isDirectory }) => [name, isDirectory])).toEqual([
    ['a', false],
    ['b', false],
    ['c', true],
    ['d', true],
    ['e', false],
  ]);
});

describe('a tree is refused with', () => {
  test.each<readonly [what: string, body: string, reason: RegExp]>([
    ['one directory twice', raw(['40000', 'a'], ['40000', 'a', TWO]), /two entries have the name 'a'/],
    ['twins apart', raw(['100644', 'a'], ['100644', 'a.b'], ['40000', 'a']), /two entries have the name 'a'/],
    ['a submodule of a name', raw(['160000', 'a'], ['40000', 'a']), /two entries have the name 'a'/],
    ['files out of order', raw(['100644', 'b'], ['100644', 'a']), /not in order/],
    ['a directory sorted as a file', raw(['40000', 'a'], ['100644', 'a.b']), /not in order/],
    ['a slash', raw(['40000', 'a'], ['100644', 'a/b']), /a slash in the name/],
    ['no name', raw(['40000', '']), /an empty name/],
    ['a dot', raw(['40000', '.']), /the name '\.'/],
    ['two dots', raw(['40000', '..']), /the name '\.\.'/],
    ...['.git', '.GiT', 'git~1', '.git ', '.git.', '.git:x', '.g\xe2\x80\x8cit', 'a\\.git'].map(
      (name) => [`'${name}'`, raw(['40000', name]), /some systems take for '\.git'/] as const,
    ),
    // Git heeds the last digits of a long mode alone: this would be a directory.
    ['a mode too long', raw(['240000', 'a']), /'240000' is no mode/],
    ['a mode that is no number', raw(['4x000', 'a']), /'4x000' is no mode/],
    ['no mode', raw(['', 'a']), /'' is no mode/],
    ['an object name cut short', raw(['40000', 'a']).slice(0, -1), /cut short/],
    ['bytes after it', `${raw(['40000', 'a'])}x`, /cut short/],
  ])('%s', (_, body, reason) => {
    expect(() => parse(body)).toThrow(MalformedError);
    expect(() => parse(body)).toThrow(reason);
  });
});
