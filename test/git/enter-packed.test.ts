import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RefConflictError } from '../../src/core/errors.ts';
import type { Oid } from '../../src/core/oid.ts';
import type { RefUpdate } from '../../src/core/ports.ts';
import type { Processes } from '../../src/core/processes.ts';
import { MANY_FILES } from '../../src/git/files/sync-file-system.ts';
import { DURABLE } from '../../src/git/git-store.ts';
import { openRepository } from '../../src/git/open-repository.ts';
import { planEntering } from '../../src/git/refs/enter-packed.ts';
import { newIntentFile, noteIntent } from '../../src/git/refs/ref-intent.ts';
import { tempRepo } from '../support/temp-repo.ts';
import { openStore } from './open-store.ts';

const processes: Processes = { describe: (pid) => `process ${pid}`, isGone: (text) => text.startsWith('dead') };
const LOG = 'refs/notes/snapshots';
const COUNT = MANY_FILES + 3;
const from = (n: number) => `refs/snapshots/models/${String(n).padStart(4, '0')}`;
const to = (n: number) => `refs/trash/models/${String(n).padStart(4, '0')}`;

/** A repository with many packed tags, and the updates that move all but the first somewhere else, with a ref that moves. */
async function packed() {
  const repo = tempRepo();
  const { dir, git } = repo;
  const open = async () =>
    (await openStore(dir, { processes: async () => processes, lockTimeoutMs: 150, durability: async () => DURABLE }))
      .store;
  const store = await open();
  const [before, after] = (await store.writeObjects(['before', 'after'].map((body) => ({ type: 'blob', body })))) as [
    Oid,
    Oid,
  ];
  const tags = await store.writeObjects(
    Array.from({ length: COUNT }, (_, n) => ({
      type: 'tag' as const,
      body: `object ${before}\ntype blob\ntag ${n}\ntagger a <a@b.c> 1 +0000\n\n`,
    })),
  );
  await store.updateRefs([{ name: LOG, from: null, to: before }], 'test');
  const made = tags.map((tag, n) => ({ name: from(n), from: null, to: tag }));
  await store.updateRefs(made, 'test');
  git('pack-refs', '--all');
  const moves = tags.slice(1).flatMap((tag, n): RefUpdate[] => [
    { name: from(n + 1), from: tag, to: null },
    { name: to(n + 1), from: null, to: tag },
  ]);
  const updates = [{ name: LOG, from: before, to: after }, ...moves];
  const refs = () => git('for-each-ref', '--format=%(refname) %(objectname) %(*objectname)');
  const expected = [
    `${LOG} ${after} `,
    `${from(0)} ${tags[0]} ${before}`,
    ...tags.slice(1).map((tag, n) => `${to(n + 1)} ${tag} ${before}`),
  ].join('\n');
  const files = () => {
    const path = join(dir, '.git/refs/trash/models');
    return existsSync(path) ? readdirSync(path).length : 0;
  };
  const litter = () => readdirSync(join(dir, '.git')).filter((name) => /^packed-refs\./.test(name));
  return { ...repo, open, store, tags, before, after, updates, refs, expected, files, litter };
}

test('many tags that get another name are not made files, and git finds them as if it had packed them', async () => {
  const { dir, git, store, updates, refs, expected, files, litter } = await packed();
  await store.updateRefs(updates, 'test');
  expect(refs()).toBe(expected);
  expect([files(), litter()]).toEqual([0, []]);
  git('fsck', '--strict');
  const path = join(dir, '.git/packed-refs');
  git('pack-refs', '--all');
  const written = readFileSync(path, 'latin1');
  // The tip of the log apart, git would write the same.
  git('update-ref', 'refs/x/y', LOG);
  git('pack-refs', '--all');
  git('update-ref', '-d', 'refs/x/y');
  expect(readFileSync(path, 'latin1')).toBe(written);
  expect((await store.listRefs('refs/trash/')).length).toBe(COUNT - 1);
  expect(readdirSync(join(dir, '.git/snapshot/transactions'))).toEqual([]);
});

test.each([
  ['the user wants no packing', ({ git }) => git('config', 'gc.packRefs', 'false')],
  ['every ref has a reflog', ({ git }) => git('config', 'core.logAllRefUpdates', 'always')],
  ['a hook sees all', ({ dir }) => hook(dir, 'while read line; do echo "$line" >> .git/seen; done')],
] as [string, (repo: Awaited<ReturnType<typeof packed>>) => void][])(
  'they are made files where %s',
  async (why, set) => {
    const repo = await packed();
    const { dir, store, updates, refs, expected, files, tags } = repo;
    set(repo);
    await store.updateRefs(updates, 'test');
    expect(refs()).toBe(expected);
    if (why === 'the user wants no packing') expect(files()).toBe(COUNT - 1);
    if (why === 'every ref has a reflog')
      expect(readFileSync(join(dir, '.git/logs', to(1)), 'latin1')).toContain('test');
    if (why === 'a hook sees all')
      expect(readFileSync(join(dir, '.git/seen'), 'latin1')).toContain(`${'0'.repeat(40)} ${tags[1]} ${to(1)}\n`);
  },
);

function hook(dir: string, script: string): void {
  const file = join(dir, '.git/hooks/reference-transaction');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

test('a transaction that does not come about leaves none of them', async () => {
  const { dir, git, store, updates, refs, litter, before } = await packed();
  const then = refs();
  const elsewhere = updates.map((update) => (update.name === from(7) ? { ...update, from: before } : update));
  await expect(store.updateRefs(elsewhere, 'test')).rejects.toThrow(RefConflictError);
  expect(refs()).toBe(then);
  writeFileSync(join(dir, '.git', `${LOG}.lock`), '');
  await expect(store.updateRefs(updates, 'test')).rejects.toMatchObject({ kind: 'conflict' });
  rmSync(join(dir, '.git', `${LOG}.lock`));
  expect(refs()).toBe(then);
  expect(litter()).toEqual([]);
  // One of the names is taken.
  git('update-ref', to(9), before);
  const taken = refs();
  await expect(store.updateRefs(updates, 'test')).rejects.toThrow(RefConflictError);
  expect(refs()).toBe(taken);
  git('pack-refs', '--all');
  await expect(store.updateRefs(updates, 'test')).rejects.toThrow(RefConflictError);
  expect(refs()).toBe(taken);
});

test('what a process left that was killed while it entered them is removed by whoever looks next', async () => {
  const { dir, open, store, updates, refs, expected, litter } = await packed();
  const then = refs();
  const repository = await openRepository({ cwd: dir, env: process.env });
  noteIntent(newIntentFile(repository), { processes: ['dead', 'dead git'], updates, packs: true }, { fsync: false });
  const left = ['packed-refs.lock', 'packed-refs.new', 'packed-refs.new.git-snapshot'];
  for (const name of left) writeFileSync(join(dir, '.git', name), 'half');
  expect(litter().sort()).toEqual(left);
  await (await open()).readRef(LOG);
  expect([litter(), refs()]).toEqual([[], then]);
  await store.updateRefs(updates, 'test');
  expect(refs()).toBe(expected);
});

test('a lock that git could not remove when it was done is removed', async () => {
  const { dir, store, updates, refs, litter } = await packed();
  // As if it were left: this runs after git has removed its own.
  hook(dir, '[ "$1" != committed ] || : > "$GIT_DIR/packed-refs.lock"');
  await store.updateRefs(updates.slice(0, 2), 'test');
  expect(litter()).toEqual([]);
  expect(refs()).not.toContain(from(1));
  expect(readdirSync(join(dir, '.git/snapshot/transactions'))).toEqual([]);
});

test('no ref comes to be in the place of a directory, or below one', async () => {
  for (const pack of [true, false]) {
    for (const name of ['refs/trash/models', 'refs/trash', `${to(5)}/below`]) {
      const { git, store, updates, refs, before } = await packed();
      git('update-ref', name, before);
      if (pack) git('pack-refs', '--all');
      const then = refs();
      await expect(store.updateRefs(updates, 'test')).rejects.toMatchObject({ kind: 'git' });
      expect(refs()).toBe(then);
    }
  }
});

test('nothing is taken from whoever is packing', async () => {
  const { dir, store, updates, refs, expected } = await packed();
  const then = refs();
  const file = join(dir, '.git/packed-refs.new');
  writeFileSync(file, '');
  await expect(store.updateRefs(updates, 'test')).rejects.toMatchObject({
    kind: expect.stringMatching(/git|conflict/),
  });
  expect(refs()).toBe(then);
  expect(existsSync(file)).toBe(true);
  rmSync(file);
  await store.updateRefs(updates, 'test');
  expect(refs()).toBe(expected);
});

test('nothing of it is there before git commits, and nothing is left if it does not', async () => {
  const { dir, git, store, updates, refs, expected, litter, files, before, tags } = await packed();
  const then = refs();
  // Git waits for this lock; others see the old state meanwhile, and it stays the old one if the process ends there.
  const lock = join(dir, '.git', `${LOG}.lock`);
  writeFileSync(lock, '');
  const refused = expect(store.updateRefs(updates, 'test')).rejects.toMatchObject({ kind: 'conflict' });
  const seen = new Set<string>();
  for (let look = 0; look < 5; look++) {
    seen.add(refs());
    await sleep(20);
  }
  await refused;
  rmSync(lock);
  expect([...seen, refs()]).toEqual([then, then]);
  // One is deleted behind our back, and the log goes on: nothing of the others stays.
  git('update-ref', '-d', from(3));
  git('update-ref', LOG, tags[0] ?? '');
  const gone = refs();
  await expect(store.updateRefs(updates, 'test')).rejects.toThrow(RefConflictError);
  expect(refs()).toBe(gone);
  expect(litter()).toEqual([]);
  git('update-ref', from(3), tags[3] ?? '');
  git('update-ref', LOG, before);
  await store.updateRefs(updates, 'test');
  // That one was a file, and so is what it became.
  expect([refs(), files()]).toEqual([expected, 1]);
});

test('a link in the place of packed refs, and a file that another program wrote, are left to git', async () => {
  const { dir, store, updates, refs, expected } = await packed();
  const file = join(dir, '.git/packed-refs');
  const text = readFileSync(file, 'latin1');
  rmSync(file);
  writeFileSync(join(dir, 'elsewhere'), text);
  symlinkSync(join(dir, 'elsewhere'), file);
  const repository = await openRepository({ cwd: dir, env: process.env });
  expect(planEntering(repository, updates)).toEqual([]);
  rmSync(file);
  writeFileSync(file, text.replace(' sorted', ''));
  expect(planEntering(repository, updates)).toEqual([]);
  await store.updateRefs(updates, 'test');
  expect(refs()).toBe(expected);
});
