import { describe, expect, test } from 'vitest';
import { MissingObjectError } from '../../src/core/errors.ts';
import { encodeTree, type TreeItem } from '../../src/core/git/tree.ts';
import { type Oid, SHA1 } from '../../src/core/oid.ts';
import type { GitObject } from '../../src/core/ports.ts';
import { contentComparison } from '../../src/flows/hooks/same-content.ts';
import { nodeDigest } from '../../src/git/digest.ts';

const blob = (digit: string) => digit.repeat(40) as Oid;

/** Trees in memory, and how often one was read. */
function memory() {
  const objects = new Map<Oid, GitObject>();
  let reads = 0;
  const tree = (...items: readonly TreeItem[]): Oid => {
    const body = encodeTree(items);
    const oid = nodeDigest.objectName(SHA1, 'tree', body);
    objects.set(oid, { oid, type: 'tree', body });
    return oid;
  };
  const store = {
    format: SHA1,
    readObject: async (oid: Oid) => {
      reads++;
      const object = objects.get(oid);
      if (object === undefined) throw new MissingObjectError(oid);
      return object;
    },
  };
  return { tree, same: contentComparison(store), reads: () => reads };
}

const file = (name: string, oid: Oid, mode: TreeItem['mode'] = '100644'): TreeItem => ({ mode, name, oid });
const directory = (name: string, oid: Oid): TreeItem => ({ mode: '40000', name, oid });

describe('two trees', () => {
  test('are the same but for empty directories, however deep', async () => {
    const { tree, same } = memory();
    const empty = tree();
    const nest = tree(directory('a', tree(directory('b', empty))));
    const below = tree(file('f', blob('1')));
    const plain = tree(file('f', blob('1')), directory('sub', below));
    const more = tree(
      file('f', blob('1')),
      directory('empty', empty),
      directory('nest', nest),
      directory('sub', tree(file('f', blob('1')), directory('x', empty))),
    );
    expect(await same(plain, more)).toBe(true);
    expect(await same(more, plain)).toBe(true);
    expect(await same(nest, empty)).toBe(true);
  });

  test.each([
    ['content', file('f', blob('2'))],
    ['permissions', file('f', blob('1'), '100755')],
    ['kind', file('f', blob('1'), '120000')],
    ['name', file('g', blob('1'))],
  ])('differ by %s', async (_, item) => {
    const { tree, same } = memory();
    expect(await same(tree(file('f', blob('1'))), tree(item))).toBe(false);
    const deep = (one: TreeItem) => tree(directory('a', tree(directory('b', tree(one)))));
    expect(await same(deep(file('f', blob('1'))), deep(item))).toBe(false);
    expect(await same(tree(file('f', blob('1'))), tree(file('f', blob('1')), { ...item, name: 'h' }))).toBe(false);
  });

  test('that would unfold without end are each read once', async () => {
    const { tree, same, reads } = memory();
    const bomb = (bottom: Oid) => {
      let at = bottom;
      for (let level = 0; level < 40; level++) at = tree(...['a', 'b', 'c', 'd'].map((name) => directory(name, at)));
      return at;
    };
    expect(await same(bomb(tree()), bomb(tree(file('f', blob('1')))))).toBe(false);
    expect(await same(bomb(tree(file('f', blob('1')))), bomb(tree(file('f', blob('2')))))).toBe(false);
    expect(reads()).toBeLessThan(300);
  });
});
