import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hexToBytes } from '../../../src/core/byte-string.ts';
import { MalformedError } from '../../../src/core/errors.ts';
import { encodeTree, parseTree, type TreeItem } from '../../../src/core/git/tree.ts';
import { type ObjectFormat, type Oid, SHA1, SHA256 } from '../../../src/core/oid.ts';
import { runTool } from '../../support/gnupg.ts';
import { tempRepo } from '../../support/temp-repo.ts';
import { bytes, fuzzRuns, mutated, nameOf, oid, pathName } from '../arbitraries.ts';

function items(format: ObjectFormat): fc.Arbitrary<TreeItem[]> {
  const mode = fc.constantFrom<TreeItem['mode']>('40000', '100644', '100755', '120000');
  return fc.uniqueArray(fc.record({ mode, name: pathName, oid: oid(format) }), {
    selector: ({ name }) => name,
    maxLength: 8,
  });
}

const byName = (a: TreeItem, b: TreeItem) => (a.name < b.name ? -1 : 1);
const parse = (body: string, format = SHA1) => parseTree(body, format, 'the tree');

describe.each([SHA1, SHA256])('a tree of $name', (format) => {
  test('is read back, whatever order the items came in', () => {
    fc.assert(
      fc.property(items(format), (some) => {
        const body = encodeTree(some);
        expect(parse(body, format).toSorted(byName)).toEqual(some.toSorted(byName));
        expect(encodeTree(parse(body, format))).toBe(body);
        expect(encodeTree(some.toReversed())).toBe(body);
      }),
      fuzzRuns(200),
    );
  });

  test('has the bytes and the order of git’s own', () => {
    const repo = tempRepo(`--object-format=${format.name}`);
    const object = 'b'.repeat(format.hexLength) as Oid;
    const odd = ['a', 'a.b', 'a-b', 'a0', 'a b', 'ab', 'A', 'a\n', 'a\xff', '"a"', 'a\\b', '\x01', '~'];
    const kinds: ((i: number) => TreeItem['mode'])[] = [
      () => '100644',
      (i) => (i % 2 === 0 ? '40000' : '100755'),
      (i) => (i % 2 === 1 ? '40000' : '120000'),
    ];
    for (const kind of kinds) {
      const some = odd.map((name, i) => ({ mode: kind(i), name, oid: object }));
      const lines = some.map(
        ({ mode, name }) => `${mode.padStart(6, '0')} ${mode === '40000' ? 'tree' : 'blob'} ${object}\t${name}\0`,
      );
      const name = runTool('git', ['-C', repo.dir, 'mktree', '-z', '--missing'], { input: lines.join('') }).trim();
      expect(nameOf('tree', encodeTree(some), format)).toBe(name);
      const listed = runTool('git', ['-C', repo.dir, 'ls-tree', '-z', name]);
      const ours = parse(runTool('git', ['-C', repo.dir, 'cat-file', 'tree', name]), format);
      expect(
        ours
          .map(
            ({ mode, name: item }) =>
              `${mode.padStart(6, '0')} ${mode === '40000' ? 'tree' : 'blob'} ${object}\t${item}\0`,
          )
          .join(''),
      ).toBe(listed);
    }
  });

  test('once changed, is refused or is another tree that prints as it stands', () => {
    fc.assert(
      fc.property(
        items(format)
          .filter(({ length }) => length > 0)
          .chain((some) => mutated(encodeTree(some))),
        (body) => {
          try {
            expect(encodeTree(parse(body, format))).toBe(body);
          } catch (error) {
            if (!(error instanceof MalformedError)) throw error;
          }
        },
      ),
      fuzzRuns(1000),
    );
  });
});

describe('parseTree', () => {
  const raw = hexToBytes('ab'.repeat(20));
  const item = (mode: string, name: string) => `${mode} ${name}\0${raw}`;

  test('takes an empty tree', () => expect(parse('')).toEqual([]));

  test.each([
    ['a mode with a leading nought', item('040000', 'a')],
    ['a group-writable file', item('100664', 'a')],
    ['a submodule', item('160000', 'a')],
    ['a mode that is none', item('', 'a')],
    ['a mode with a sign', item('+40000', 'a')],
    ['an empty name', item('100644', '')],
    ['.git', item('40000', '.git')],
    ['.GIT', item('100644', '.GIT')],
    ['git~1', item('100644', 'git~1')],
    ['..', item('40000', '..')],
    ['a slash', item('100644', 'a/b')],
    ['.gitmodules as a link', item('120000', '.gitmodules')],
    ['two of one name', item('100644', 'a') + item('100644', 'a')],
    ['a file and a directory of one name', item('100644', 'a') + item('40000', 'a')],
    ['the same, apart', item('100644', 'a') + item('100644', 'a.b') + item('40000', 'a')],
    ['a directory sorted as a file', item('40000', 'a') + item('100644', 'a.b')],
    ['disorder', item('100644', 'b') + item('100644', 'a')],
    ['an object name cut short', item('100644', 'a').slice(0, -1)],
    ['no object name', '100644 a\0'],
    ['no NUL', '100644 a'],
    ['no space', '100644'],
    ['bytes behind', `${item('100644', 'a')}x`],
    ['the other hash', `${item('100644', 'a')}${raw.slice(0, 12)}`],
  ])('refuses %s', (_, body) => expect(() => parse(body)).toThrow(MalformedError));

  test('names what it refuses without its control characters', () => {
    const said = (body: string) => {
      try {
        return JSON.stringify(parse(body));
      } catch (error) {
        return error instanceof MalformedError ? error.message : '';
      }
    };
    expect(said(item('160000', '\x1b[2J\n'))).toContain('\\u{1b}[2J\\n');
    expect(said(item('\x1b[2J', 'a'))).toContain('\\u{1b}[2J');
  });

  test('refuses noise', () => {
    fc.assert(
      fc.property(bytes({ minLength: 1, maxLength: 60 }), (noise) => {
        expect(() => parse(noise)).toThrow(MalformedError);
      }),
      fuzzRuns(300),
    );
  });

  test('is done with megabytes at once', () => {
    const many = 5_000_000;
    for (const body of [
      item('100644', '.'.repeat(many)),
      item('100644', `a${'. '.repeat(many / 2)}b`),
      item('100644', `${'.'.repeat(many)}x`),
      item('40000', `.${'\xe2\x80\x8c'.repeat(many / 3)}`),
      `100644 ${'a'.repeat(many)}`,
      'a'.repeat(many),
      ' '.repeat(many),
      '\0'.repeat(many),
    ]) {
      expect(() => parse(body)).toThrow(MalformedError);
    }
    const long = Array.from({ length: 1000 }, (_, i) =>
      item('40000', `${'. '.repeat(2000)}${String(i).padStart(4, '0')}`),
    );
    expect(parse(long.join(''))).toHaveLength(1000);
  });
});
