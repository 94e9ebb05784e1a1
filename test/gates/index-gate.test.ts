import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8Encode } from '../../src/core/byte-string.ts';
import { type Content, EMPTY_DIRECTORY, runGate, sha256, subjectOf, told } from './subject.ts';

const GATE = { type: 'index', file: 'index.json' };
const FILES = { 'a.bin': 'aaa', 'models/b.bin': 'bb', 'models/c.bin': '' };

interface Item {
  path: unknown;
  sha256: unknown;
  size: unknown;
}

const itemOf = ([path, bytes]: readonly [string, string]): Item => ({
  path,
  sha256: sha256(bytes),
  size: bytes.length,
});
const itemsOf = (files: Readonly<Record<string, string>>) => Object.entries(files).map(itemOf);
const withIndex = (files: Readonly<Record<string, Content>>, index: unknown) =>
  subjectOf({ ...files, 'index.json': utf8Encode(JSON.stringify(index)) });

describe('an index gate', () => {
  test('passes an index that lists every file', async () => {
    const result = await runGate(GATE, withIndex(FILES, itemsOf(FILES)));
    expect(result).toMatchObject({ verdict: 'pass', detail: '3 files listed, 3 files there', violations: [] });
  });

  test('takes other names of fields, a place in the document, prefixed digests, and no sizes', async () => {
    const list = Object.entries(FILES).map(([file, bytes]) => ({
      file,
      digest: `sha256:${sha256(bytes).toUpperCase()}`,
    }));
    const gate = { ...GATE, list: '/a~1b/~0', path: 'file', digest: 'digest', size: false };
    expect(await runGate(gate, withIndex(FILES, { 'a/b': { '~': list } }))).toMatchObject({ verdict: 'pass' });
  });

  test('lists one directory only, with paths relative to it', async () => {
    const list = [itemOf(['b.bin', 'bb']), itemOf(['c.bin', ''])];
    const gate = { ...GATE, base: 'models' };
    expect(await runGate(gate, withIndex(FILES, list))).toMatchObject({ verdict: 'pass' });
    expect(told(await runGate(gate, withIndex({ ...FILES, 'models/d': '', modelsx: '' }, list)))).toEqual([
      "index.json#: does not list 'models/d'",
    ]);
  });

  test('does without what is ignored, and without empty directories', async () => {
    const files = { ...FILES, 'notes/x.md': 'x', tmp: EMPTY_DIRECTORY } as const;
    const subject = withIndex(files, itemsOf(FILES));
    expect(told(await runGate(GATE, subject))).toEqual(["index.json#: does not list 'notes/x.md'"]);
    expect(await runGate({ ...GATE, ignore: ['**/*.md'] }, subject)).toMatchObject({ verdict: 'pass' });
  });

  test.each<[string, (items: Item[]) => unknown, string]>([
    ['missing', (items) => items.slice(1), "index.json#: does not list 'a.bin'"],
    ['absent', (items) => [...items, itemOf(['gone', ''])], "index.json#/3/path: 'gone' is not there"],
    ['listed twice', ([a, ...rest]) => [a, a, ...rest], "index.json#/1/path: 'a.bin' is listed twice"],
    [
      'of another digest',
      ([a, ...rest]) => [{ ...a, sha256: 'f'.repeat(64) }, ...rest],
      'index.json#/0/sha256: the SHA',
    ],
    ['with half a digest', ([a, ...rest]) => [{ ...a, sha256: 'ff' }, ...rest], 'index.json#/0/sha256: has no SHA-256'],
    [
      'without digest',
      ([a, ...rest]) => [{ ...a, sha256: undefined }, ...rest],
      "index.json#/0: has no SHA-256 'sha256'",
    ],
    [
      'of another size',
      ([a, ...rest]) => [{ ...a, size: 4 }, ...rest],
      'index.json#/0/size: the size of the file is 3',
    ],
    ['with a size in text', ([a, ...rest]) => [{ ...a, size: '3' }, ...rest], "index.json#/0/size: has no size 'size'"],
    ['climbing', ([a, ...rest]) => [{ ...a, path: 'models/../a.bin' }, ...rest], 'index.json#/0/path: '],
    ['absolute', ([a, ...rest]) => [{ ...a, path: '/a.bin' }, ...rest], "'/a.bin' is an absolute path"],
    [
      'dotted',
      ([a, ...rest]) => [{ ...a, path: './a.bin' }, ...rest],
      "'./a.bin' is not a path in the set: the name '.'",
    ],
    ['empty', ([a, ...rest]) => [{ ...a, path: '' }, ...rest], "'' is not a path in the set"],
    ['a lone surrogate', ([a, ...rest]) => [{ ...a, path: 'a\udead' }, ...rest], 'not well-formed Unicode'],
    ['no object', (items) => [...items, 1, null, []], "index.json#/3: has no text 'path'"],
    ['inherited', (items) => [...items, JSON.parse('{"__proto__":{"path":"a.bin"}}')], "#/3: has no text 'path'"],
    ['no list', (items) => ({ items }), 'index.json#: is not a list'],
  ])('fails an index with a path that is %s', async (_, change, message) => {
    const result = await runGate(GATE, withIndex(FILES, change(itemsOf(FILES))));
    expect(result.verdict).toBe('fail');
    expect(told(result).join('\n')).toContain(message);
  });

  test('fails links, listed or not: an index cannot say what they are', async () => {
    const files = { ...FILES, link: { link: 'a.bin' } };
    expect(told(await runGate(GATE, withIndex(files, itemsOf(FILES))))).toEqual([
      "index.json#: does not list 'link', which is a symbolic link",
    ]);
    expect(told(await runGate(GATE, withIndex(files, itemsOf({ ...FILES, link: 'a.bin' }))))).toEqual([
      "index.json#/3/path: 'link' is not a regular file",
    ]);
  });

  test('fails where there is no index, or where it is a link, or has no such list', async () => {
    expect(told(await runGate(GATE, subjectOf(FILES)))).toEqual(["there is no index 'index.json'"]);
    expect(told(await runGate(GATE, subjectOf({ 'index.json': { link: 'x' } })))).toEqual([
      'index.json: is not a regular file',
    ]);
    for (const list of ['/constructor', '/items/length', '/items/-1', '/items/01']) {
      const result = await runGate({ ...GATE, list }, withIndex(FILES, { items: [[]] }));
      expect(told(result)).toEqual([`index.json#${list}: has no such member`]);
    }
  });

  test('finds a file whose name no JSON can hold', async () => {
    const result = await runGate(GATE, withIndex({ ...FILES, '\xff': '' }, itemsOf(FILES)));
    expect(told(result)).toEqual([String.raw`index.json#: does not list '"\377"'`]);
  });

  test('counts more violations than it lists', async () => {
    const files = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`f${i}`, '']));
    const result = await runGate(GATE, withIndex(files, []));
    expect(result.violations).toHaveLength(100);
    expect(result.detail).toBe('250 violations');
  });

  test('any set passes with its index, and with any one thing changed fails', async () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'B', 'é', ' ', '~', '"', '\n', '0'),
      minLength: 1,
      maxLength: 6,
    });
    const files = fc.dictionary(
      fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `d/${names.join('/')}`),
      fc.string(),
      {
        minKeys: 1,
        maxKeys: 12,
      },
    );
    await fc.assert(
      fc.asyncProperty(files, fc.nat(), fc.nat(7), async (contents, pick, kind) => {
        const bytes = Object.fromEntries(
          Object.entries(contents).map(([path, text]) => [path, utf8Encode(text.toWellFormed())]),
        );
        const content = Object.fromEntries(Object.entries(bytes).map(([path, text]) => [utf8Encode(path), text]));
        const items = itemsOf(bytes);
        expect(told(await runGate(GATE, withIndex(content, items)))).toEqual([]);
        const at = pick % items.length;
        const item = items[at];
        if (item === undefined) throw new Error('there is one');
        const others = items.toSpliced(at, 1);
        const [changedContent, changedItems] = [
          [content, others],
          [content, [...items, item]],
          [content, [...others, { ...item, sha256: sha256(`${String(item.sha256)}`) }]],
          [content, [...others, { ...item, size: Number(item.size) + 1 }]],
          [content, [...others, { ...item, path: `${String(item.path)}x${pick}` }]],
          [{ ...content, [`e/${pick}`]: '' }, items],
          [Object.fromEntries(Object.entries(content).toSpliced(at, 1)), items],
          [{ ...content, [utf8Encode(String(item.path))]: `${content[utf8Encode(String(item.path))]}x` }, items],
        ][kind] as [Record<string, string>, Item[]];
        const result = await runGate(GATE, withIndex(changedContent, changedItems));
        expect([kind, result.verdict]).toEqual([kind, 'fail']);
      }),
      { numRuns: 150 },
    );
  });
});
