import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Oid } from '../../src/core/oid.ts';
import type { GitStore } from '../../src/core/ports.ts';
import { tempRepo } from '../support/temp-repo.ts';
import { openStore } from './open-store.ts';

const name = (n: number) => `refs/snapshots/models/${String(n).padStart(4, '0')}`;

async function withStore() {
  const { dir, git } = tempRepo();
  const { store } = await openStore(dir);
  const [to] = await store.writeObjects([{ type: 'blob', body: 'x' }]);
  if (to === undefined) throw new Error('no object');
  const files = () => {
    const path = join(dir, '.git/refs/snapshots/models');
    return existsSync(path) ? readdirSync(path).length : 0;
  };
  return { dir, git, store, to, files };
}

/** All in one transaction. */
function make(store: GitStore, to: Oid, [from, end]: [number, number]): Promise<void> {
  const updates = Array.from({ length: end - from }, (_, i) => ({ name: name(from + i), from: null, to }));
  return store.updateRefs(updates, 'test');
}

test('refs are packed once there are many files of them, and are all there', async () => {
  const { git, store, to, files } = await withStore();
  await make(store, to, [0, 100]);
  expect(files()).toBe(100);
  await make(store, to, [100, 101]);
  expect(files()).toBe(0);
  expect((await store.listRefs('refs/snapshots/')).map((ref) => ref.name)).toEqual(
    Array.from({ length: 101 }, (_, n) => name(n)),
  );
  expect(git('for-each-ref', 'refs/snapshots/').split('\n')).toHaveLength(101);
  // And can be moved and taken away as before.
  await store.updateRefs([{ name: name(7), from: to, to: null }], 'test');
  expect(await store.readRef(name(7))).toBeNull();
  expect(await store.readRef(name(8))).toBe(to);
});

test('whoever holds the lock of the packed refs is not disturbed, and the next command packs', async () => {
  const { dir, store, to, files } = await withStore();
  const lock = join(dir, '.git/packed-refs.lock');
  writeFileSync(lock, '');
  await make(store, to, [0, 101]);
  expect(files()).toBe(101);
  rmSync(lock);
  await make(store, to, [101, 102]);
  expect(files()).toBe(0);
});

test('nothing is packed where git gc may not', async () => {
  const { git, store, to, files } = await withStore();
  git('config', 'gc.packRefs', 'false');
  await make(store, to, [0, 101]);
  expect(files()).toBe(101);
});
