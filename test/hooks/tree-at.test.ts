import { expect, test } from 'vitest';
import { hexToBytes } from '../../src/core/byte-string.ts';
import { MissingObjectError } from '../../src/core/errors.ts';
import { type ObjectType, type Oid, SHA1 } from '../../src/core/oid.ts';
import type { GitObject } from '../../src/core/ports.ts';
import { treeAt } from '../../src/flows/hooks/tree-at.ts';
import { nodeDigest } from '../../src/git/digest.ts';

/** Objects in memory. */
function memory() {
  const objects = new Map<Oid, GitObject>();
  const put = (type: ObjectType, body: string): Oid => {
    const oid = nodeDigest.objectName(SHA1, type, body);
    objects.set(oid, { oid, type, body });
    return oid;
  };
  const tree = (...entries: readonly (readonly [mode: string, name: string, oid: Oid])[]): Oid =>
    put('tree', entries.map(([mode, name, oid]) => `${mode} ${name}\0${hexToBytes(oid)}`).join(''));
  const readObject = async (oid: Oid) => {
    const object = objects.get(oid);
    if (object === undefined) throw new MissingObjectError(oid);
    return object;
  };
  const find = (top: Oid) =>
    treeAt({ format: SHA1, readObject }, { oid: put('commit', `tree ${top}\n\n`), path: 'out/models' });
  return { tree, find };
}

const other = '1'.repeat(40) as Oid;

test('what is beside the way is not looked into, and the directory is not either', async () => {
  const { tree, find } = memory();
  const wanted = tree(['100644', 'x', other], ['100644', 'x', other]);
  const out = tree(['160000', 'library', other], ['40000', 'models', wanted], ['100664', 'notes', other]);
  expect(await find(tree(['40000', 'aside', other], ['40000', 'out', out]))).toEqual({ tree: wanted });
});

test('each tree on the way is read to its end', async () => {
  const { tree, find } = memory();
  const wanted = tree();
  const out = tree(['40000', 'models', wanted]);
  const refused = { tree: undefined, reason: expect.stringContaining('has a tree that git would not write') };
  expect(await find(tree(['40000', 'out', out], ['100644', 'out/models', other]))).toEqual(refused);
  expect(await find(tree(['40000', 'out', tree(['40000', 'models', wanted], ['40000', 'models', other])]))).toEqual(
    refused,
  );
});

test('a file, a link or a submodule in its place is no directory', async () => {
  const { tree, find } = memory();
  for (const mode of ['100644', '120000', '160000']) {
    expect(await find(tree(['40000', 'out', tree([mode, 'models', other])]))).toEqual({
      tree: undefined,
      reason: "has no directory 'out/models'",
    });
  }
});
