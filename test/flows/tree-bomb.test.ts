import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DIRECTORY } from '../../src/core/entry.ts';
import { encodeTree, type TreeItem, type TreeMode } from '../../src/core/git/tree.ts';
import { type Oid, SHA1 } from '../../src/core/oid.ts';
import { MAX_ENTRIES } from '../../src/core/paths.ts';
import type { GitObject } from '../../src/core/ports.ts';
import { snapshotEntries } from '../../src/flows/snapshot/snapshot-entries.ts';
import { fuzzRuns, nameOf } from '../core/arbitraries.ts';

const MODES = { plain: 0o644, executable: 0o755, others: [] };
const BLOB = nameOf('blob', 'x', SHA1);

type Node = 'file' | { readonly [name: string]: Node };

/** Tree objects, and how often each was read. */
function objects() {
  const bodies = new Map<Oid, string>();
  const reads: Oid[] = [];
  const tree = (items: readonly (readonly [mode: TreeMode, name: string, oid: Oid])[]): Oid => {
    const body = encodeTree(items.map(([mode, name, oid]): TreeItem => ({ mode, name, oid })));
    const oid = nameOf('tree', body, SHA1);
    bodies.set(oid, body);
    return oid;
  };
  const grow = (node: { readonly [name: string]: Node }): Oid =>
    tree(
      Object.entries(node).map(([name, it]) => (it === 'file' ? ['100644', name, BLOB] : ['40000', name, grow(it)])),
    );
  const store = {
    format: SHA1,
    readObjects: async (oids: readonly Oid[]): Promise<GitObject[]> => {
      reads.push(...oids);
      return oids.map((oid) => ({ oid, type: 'tree', body: bodies.get(oid) ?? '' }));
    },
  };
  const list = (root: Oid, known?: ReadonlyMap<string, Oid>) =>
    snapshotEntries({ store }, { tree: root, modes: MODES, what: 'it', known });
  return { tree, grow, list, reads };
}

/** Trees of ten directories each, that are all one and the same. */
function bomb({ tree }: ReturnType<typeof objects>, levels: number, end: Oid): Oid {
  let top = end;
  for (let i = 0; i < levels; i++) top = tree(Array.from({ length: 10 }, (_, n) => ['40000', `${n}`, top] as const));
  return top;
}

test('a few trees that unfold to more entries than are allowed are refused after each was read once, at most', async () => {
  const all = objects();
  const leaf = all.grow(Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`${n}`, 'file'])));
  const top = bomb(all, 500, leaf);
  await expect(all.list(top)).rejects.toThrow(`holds more than ${MAX_ENTRIES} entries`);
  expect(all.reads.length).toBeLessThanOrEqual(8);
  expect(new Set(all.reads).size).toBe(all.reads.length);
});

test('so are empty directories, and a bomb below what is known', async () => {
  const all = objects();
  await expect(all.list(bomb(all, 9, all.tree([])))).rejects.toThrow('holds more than');
  const small = all.grow({ a: 'file' });
  const top = all.tree([
    ['40000', 'bomb', bomb(all, 9, small)],
    ['40000', 'small', small],
  ]);
  const known = new Map([
    ['', nameOf('tree', '', SHA1)],
    ['bomb', small],
    ['bomb/0', nameOf('tree', 'another', SHA1)],
    ['small', small],
  ]);
  await expect(all.list(top, known)).rejects.toThrow('holds more than');
  expect(all.reads.length).toBeLessThanOrEqual(20);
});

test('directories that are nested too deep are refused, even where their trees occur higher up too', async () => {
  const all = objects();
  let tree = all.grow({ a: 'file' });
  const chain: Oid[] = [];
  for (let i = 0; i < 600; i++) {
    tree = all.tree([['40000', 'd', tree]]);
    chain.push(tree);
  }
  const top = all.tree(chain.map((oid, i) => ['40000', `${i}`, oid] as const));
  await expect(all.list(top)).rejects.toThrow('nested more than 512 deep');
  expect(new Set(all.reads).size).toBe(all.reads.length);
});

test('a tree is listed as it is, without what is known in the same place, and each object is read once', async () => {
  const { node } = fc.letrec<{ node: Node; directory: { readonly [name: string]: Node } }>((tie) => ({
    node: fc.oneof({ depthSize: 'small' }, fc.constant('file' as const), tie('directory')),
    directory: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('node'), { maxKeys: 4, noNullPrototype: true }),
  }));
  const directory = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), node, { maxKeys: 4, noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(directory, directory, async (wanted, there) => {
      const all = objects();
      const known = new Map<string, Oid>();
      walk(there, '', (path, it) => it !== 'file' && known.set(path, all.grow(it)));
      const expected: string[] = [];
      const same: string[] = [];
      walk(wanted, '', (path, it) => {
        if (it !== 'file' && known.get(path) === all.grow(it)) same.push(path);
        else if (it === 'file') expected.push(path);
        else if (path !== '' && Object.keys(it).length === 0) expected.push(`${path}/`);
        else return true;
        return false;
      });
      const found = await all.list(all.grow(wanted), known);
      expect(found.entries.map(({ path, mode }) => (mode === DIRECTORY ? `${path}/` : path)).sort()).toEqual(
        expected.sort(),
      );
      expect([...found.same].sort()).toEqual(same.sort());
      expect(new Set(all.reads).size).toBe(all.reads.length);
    }),
    fuzzRuns(300),
  );
});

/** Visits a directory and all in it; `visit` says whether to go on below. */
function walk(node: Node, path: string, visit: (path: string, node: Node) => unknown): void {
  if (visit(path, node) === false || node === 'file') return;
  for (const [name, it] of Object.entries(node)) walk(it, path === '' ? name : `${path}/${name}`, visit);
}
