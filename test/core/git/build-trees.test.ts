import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ByteString } from '../../../src/core/byte-string.ts';
import { comparePaths, DIRECTORY, type Entry } from '../../../src/core/entry.ts';
import { buildTrees } from '../../../src/core/git/build-trees.ts';
import { parseTree } from '../../../src/core/git/tree.ts';
import { type ObjectFormat, type Oid, SHA1, SHA256 } from '../../../src/core/oid.ts';
import { cleanTrees, compareEntries } from '../../../src/core/snapshot/changes.ts';
import { runTool } from '../../support/gnupg.ts';
import { type TempRepo, tempRepo } from '../../support/temp-repo.ts';
import { bytePath, fuzzRuns, nameOf, oid } from '../arbitraries.ts';

type Item = Pick<Entry, 'path' | 'mode' | 'oid'>;

/** Entries of which none is a directory of another. */
function entriesOf(format: ObjectFormat, modes: readonly number[]): fc.Arbitrary<Item[]> {
  return fc
    .uniqueArray(fc.record({ path: bytePath, mode: fc.constantFrom(...modes), oid: oid(format) }), {
      selector: ({ path }) => path,
      maxLength: 12,
    })
    .map((all) => all.filter(({ path }) => !all.some((other) => other.path.startsWith(`${path}/`))).sort(comparePaths));
}

const FILES = [0o100644, 0o100600, 0o100755, 0o100700, 0o100010, 0o120000];

/** The trees, and the bytes of those that had to be built. */
function build(entries: readonly Item[], format: ObjectFormat, cleanTrees: ReadonlyMap<ByteString, Oid> = new Map()) {
  const bodies = new Map<Oid, ByteString>();
  const write = (body: ByteString) => {
    const name = nameOf('tree', body, format);
    bodies.set(name, body);
    return name;
  };
  return { ...buildTrees(entries, { cleanTrees, write }), bodies };
}

function writeTree({ dir }: TempRepo, entries: readonly Item[]): string {
  const git = ['-C', dir, '-c', 'core.protectNTFS=false', '-c', 'core.protectHFS=false'];
  const gitMode = (mode: number) => (mode === 0o120000 ? '120000' : (mode & 0o100) === 0 ? '100644' : '100755');
  const lines = entries.map(({ path, mode, oid: blob }) => `${gitMode(mode)} ${blob}\t${path}\0`);
  runTool('git', [...git, 'read-tree', '--empty']);
  runTool('git', [...git, 'update-index', '-z', '--add', '--index-info'], { input: lines.join('') });
  return runTool('git', [...git, 'write-tree', '--missing-ok']).trim();
}

describe.each([SHA1, SHA256])('buildTrees with $name', (format) => {
  test('makes the tree that git makes of the same entries', () => {
    const repo = tempRepo(`--object-format=${format.name}`);
    fc.assert(
      fc.property(entriesOf(format, FILES), (entries) => {
        expect(build(entries, format).root).toBe(writeTree(repo, entries));
      }),
      { numRuns: 15 },
    );
  });

  test('names the tree of every directory, and gives the bytes of each', () => {
    fc.assert(
      fc.property(entriesOf(format, [...FILES, DIRECTORY]), (entries) => {
        const { root, trees, bodies } = build(entries, format);
        const found: { path: string; empty: boolean }[] = [];
        const walk = (path: string, tree: Oid) => {
          expect(trees.get(path)).toBe(tree);
          const body = bodies.get(tree) ?? 'missing';
          expect(nameOf('tree', body, format)).toBe(tree);
          const items = parseTree(body, format, 'a tree');
          if (items.length === 0) found.push({ path, empty: true });
          for (const { mode, name, oid: object } of items) {
            const below = path === '' ? name : `${path}/${name}`;
            if (mode === '40000') walk(below, object);
            else found.push({ path: below, empty: false });
          }
        };
        walk('', root);
        const wanted = entries.map(({ path, mode }) => ({ path, empty: mode === DIRECTORY }));
        expect(found.toSorted(comparePaths)).toEqual(entries.length === 0 ? [{ path: '', empty: true }] : wanted);
      }),
      fuzzRuns(200),
    );
  });

  test('builds nothing again that is clean, and ends in the same root', () => {
    fc.assert(
      fc.property(entriesOf(format, FILES), fc.func(fc.boolean()), (entries, isClean) => {
        const whole = build(entries, format);
        const isAt = (path: string, below: string) => path === '' || `${below}/`.startsWith(`${path}/`);
        const isCleanBelow = (path: string) =>
          [...whole.trees.keys()].every((below) => !isAt(path, below) || isClean(below));
        const clean = new Map([...whole.trees].filter(([path]) => isCleanBelow(path)));
        const again = build(entries, format, clean);
        expect(again.root).toBe(whole.root);
        expect(again.trees).toEqual(whole.trees);
        if (clean.size === whole.trees.size) expect(again.bodies.size).toBe(0);
      }),
      fuzzRuns(200),
    );
  });
});

test('what changed tells which trees are to be built again', () => {
  const lists = entriesOf(SHA1, [...FILES, DIRECTORY]);
  fc.assert(
    fc.property(lists, lists, fc.func(fc.boolean()), (from, other, isKept) => {
      const kept = from.filter(({ path }) => isKept(path));
      const isApart = ({ path }: Item) =>
        !kept.some((entry) => `${entry.path}/`.startsWith(`${path}/`) || path.startsWith(`${entry.path}/`));
      const to = [...kept, ...other.filter(isApart)].sort(comparePaths);
      const clean = cleanTrees(build(from, SHA1).trees, compareEntries(from, to));
      expect(build(to, SHA1, clean).trees).toEqual(build(to, SHA1).trees);
      if (kept.length === from.length && to.length === from.length) expect(build(to, SHA1, clean).bodies.size).toBe(0);
    }),
    fuzzRuns(300),
  );
});

test('a clean tree is taken at its word', () => {
  const claimed = 'c'.repeat(40) as Oid;
  const entries = [{ path: 'd/x', mode: 0o100644, oid: 'a'.repeat(40) as Oid }];
  const { root, trees, bodies } = build(entries, SHA1, new Map([['d', claimed]]));
  expect(trees.get('d')).toBe(claimed);
  expect(bodies.size).toBe(1);
  expect(parseTree(bodies.get(root) ?? '', SHA1, 'the root')).toEqual([{ mode: '40000', name: 'd', oid: claimed }]);
});

test('an empty set is the empty tree', () => {
  const { root, bodies } = build([], SHA1);
  expect(root).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
  expect([...bodies]).toEqual([[root, '']]);
});

test('git is content with the trees, deep and with empty directories', () => {
  const repo = tempRepo();
  const blob = runTool('git', ['-C', repo.dir, 'hash-object', '-w', '--stdin'], { input: 'x' }).trim() as Oid;
  const empty = '4b825dc642cb6eb9a060e54bf8d69288fbee4904' as Oid;
  const entries = [
    { path: 'a-b', mode: 0o100644, oid: blob },
    { path: 'a/b/c/d', mode: 0o100755, oid: blob },
    { path: 'a/b/empty', mode: DIRECTORY, oid: empty },
    { path: 'a0', mode: DIRECTORY, oid: empty },
    { path: 'n\nl\xff', mode: 0o100644, oid: blob },
  ];
  const { root, bodies } = build(entries, SHA1);
  for (const body of bodies.values())
    runTool('git', ['-C', repo.dir, 'hash-object', '-w', '-t', 'tree', '--stdin'], { input: body });
  expect(repo.git('fsck', '--strict', '--no-dangling', root)).toBe('');
  expect(
    runTool('git', ['-C', repo.dir, 'ls-tree', '-r', '-t', '-z', '--name-only', root]).split('\0').slice(0, -1),
  ).toEqual(['a-b', 'a', 'a/b', 'a/b/c', 'a/b/c/d', 'a/b/empty', 'a0', 'n\nl\xff']);
});
