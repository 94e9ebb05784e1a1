import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { RefConflictError } from '../../src/core/errors.ts';
import type { Oid } from '../../src/core/oid.ts';
import type { GitStore } from '../../src/core/ports.ts';
import { DURABLE } from '../../src/git/git-store.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';
import { builtScript, workerFile } from '../support/worker-file.ts';
import { openStore } from './open-store.ts';

async function blob(store: GitStore, body: string): Promise<Oid> {
  const [oid] = await store.writeObjects([{ type: 'blob', body }]);
  if (oid === undefined) throw new Error('no object');
  return oid;
}

test('sixteen processes that append to one ref lose nothing', async () => {
  const { dir, git } = tempRepo();
  const program = await builtScript(join(import.meta.dirname, 'store-program.ts'));
  const args = [program, await workerFile(), dir, 'append', 'refs/notes/snapshots', '3'];
  await Promise.all(Array.from({ length: 16 }, () => promisify(execFile)(process.execPath, args)));
  expect(git('rev-list', '--count', 'refs/notes/snapshots')).toBe('48');
  const subjects = git('log', '--format=%s', 'refs/notes/snapshots').split('\n');
  expect(new Set(subjects).size).toBe(48);
});

test('a lock that stays is named; one that goes is waited for', async () => {
  const { dir } = tempRepo();
  const { store } = await openStore(dir, { lockTimeoutMs: 150 });
  const to = await blob(store, 'x');
  const lock = join(dir, '.git/refs/snapshots/a.lock');
  mkdirSync(join(dir, '.git/refs/snapshots'));
  writeFileSync(lock, '');
  const update = [{ name: 'refs/snapshots/a', from: null, to }];
  const refused = store.updateRefs(update, 'test');
  await expect(refused).rejects.toMatchObject({ kind: 'conflict', message: expect.stringContaining(lock) });
  await expect(refused).rejects.not.toThrow(RefConflictError);

  const { store: patient } = await openStore(dir, { lockTimeoutMs: 20_000 });
  const done = patient.updateRefs(update, 'test');
  await sleep(300);
  rmSync(lock);
  await done;
  expect(await store.readRef('refs/snapshots/a')).toBe(to);
});

test('what git refuses for another reason is told in its words, and nothing moves', async () => {
  const { dir } = tempRepo();
  const { store } = await openStore(dir);
  const to = await blob(store, 'x');
  const absent = 'd'.repeat(40) as Oid;
  const missing = store.updateRefs([{ name: 'refs/snapshots/a', from: null, to: absent }], 'test');
  await expect(missing).rejects.toMatchObject({ kind: 'git', message: expect.stringContaining('nonexistent object') });

  await store.updateRefs([{ name: 'refs/snapshots/a', from: null, to }], 'test');
  const below = store.updateRefs([{ name: 'refs/snapshots/a/b', from: null, to }], 'test');
  await expect(below).rejects.toMatchObject({ kind: 'git', message: expect.stringContaining('refs/snapshots/a') });

  const hook = join(dir, '.git/hooks/reference-transaction');
  mkdirSync(join(dir, '.git/hooks'), { recursive: true });
  writeFileSync(
    hook,
    '#!/bin/sh\n[ "$1" = prepared ] && [ "$GIT_SNAPSHOT_WRITER" = 1 ] && echo "not on fridays" >&2 && exit 1\nexit 0\n',
  );
  chmodSync(hook, 0o755);
  const hooked = store.updateRefs([{ name: 'refs/snapshots/b', from: null, to }], 'test');
  await expect(hooked).rejects.toMatchObject({ kind: 'git', message: expect.stringContaining('not on fridays') });
  expect((await store.listRefs('refs/snapshots/')).map(({ name }) => name)).toEqual(['refs/snapshots/a']);
});

test('packed, symbolic and broken refs are all listed', async () => {
  const { dir, git } = tempRepo();
  const { store } = await openStore(dir);
  const to = await blob(store, 'x');
  const absent = 'd'.repeat(40);
  const none = '0'.repeat(40);
  await store.updateRefs([{ name: 'refs/snapshots/s/packed', from: null, to }], 'test');
  git('pack-refs', '--all');
  const loose: Record<string, string> = {
    absent,
    garbage: 'garbage',
    empty: '',
    symbolic: 'ref: refs/snapshots/s/packed',
    dangling: 'ref: refs/heads/nowhere',
    'bad..name': to,
    'locked.lock': to,
  };
  mkdirSync(join(dir, '.git/refs/snapshots/s'), { recursive: true });
  for (const [name, content] of Object.entries(loose)) {
    writeFileSync(join(dir, '.git/refs/snapshots/s', name), content === '' ? '' : `${content}\n`);
  }
  expect(await store.listRefs('refs/snapshots/s/')).toEqual([
    { name: 'refs/snapshots/s/absent', oid: absent },
    { name: 'refs/snapshots/s/bad..name', oid: none },
    { name: 'refs/snapshots/s/dangling', oid: none },
    { name: 'refs/snapshots/s/empty', oid: none },
    { name: 'refs/snapshots/s/garbage', oid: none },
    { name: 'refs/snapshots/s/packed', oid: to },
    { name: 'refs/snapshots/s/symbolic', oid: to },
  ]);
  expect(await store.readRef('refs/snapshots/s/dangling')).toBe(none);
  expect(await store.readRef('refs/snapshots/s/none')).toBe(null);
  // A symbolic ref is not written through: what it names stays as it is.
  const other = await blob(store, 'y');
  await store.updateRefs([{ name: 'refs/snapshots/s/symbolic', from: to, to: other }], 'test');
  expect(await store.readRef('refs/snapshots/s/packed')).toBe(to);
});

test('the history of a shallow clone is an error, not a short chain', async () => {
  const { dir, git } = tempRepo();
  for (const message of ['one', 'two', 'three']) git('commit', '-q', '--allow-empty', '-m', message);
  const shallow = join(tempDir(), 'shallow');
  git('clone', '-q', '--depth=2', `file://${dir}`, shallow);
  const { store } = await openStore(shallow);
  const tip = git('rev-parse', 'HEAD') as Oid;
  await expect(store.listChain(tip)).rejects.toMatchObject({ oid: git('rev-parse', 'HEAD~2') });
});

test('grafts, replaced objects and a commit-graph change nothing', async () => {
  const { dir, git } = tempRepo();
  for (const message of ['one', 'two', 'three']) git('commit', '-q', '--allow-empty', '-m', message);
  const commits = git('rev-list', '--reverse', 'HEAD').split('\n');
  git('replace', '--graft', 'HEAD');
  mkdirSync(join(dir, '.git/info'), { recursive: true });
  writeFileSync(join(dir, '.git/info/grafts'), `${commits[2]}\n`);
  const { store } = await openStore(dir);
  expect(await store.listChain(commits[2] as Oid)).toEqual(commits);
  expect((await store.readObject(commits[2] as Oid)).body).toContain(`parent ${commits[1]}`);
});

test('a git that is killed is an error, and the next read starts another', async () => {
  const { dir } = tempRepo();
  const { store } = await openStore(dir);
  const oid = await blob(store, 'x');
  await store.readObject(oid);
  const children = spawn('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)]);
  let out = '';
  children.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await new Promise((resolve) => children.on('close', resolve));
  const line = out.split('\n').find((text) => text.includes('cat-file --batch'));
  process.kill(Number.parseInt(line ?? '', 10), 'SIGKILL');
  await sleep(100);
  await expect(store.readObject(oid)).resolves.toMatchObject({ body: 'x' });
});

test('many refs move at once or not at all', async () => {
  const { dir, git } = tempRepo();
  const { store } = await openStore(dir, { lockTimeoutMs: 150, durability: async () => DURABLE });
  const [tag, other] = [await blob(store, 'x'), await blob(store, 'y')];
  const names = Array.from({ length: 300 }, (_, n) => `${1000 + n}`);
  const refs = () => git('for-each-ref', '--format=%(refname) %(objectname)');
  await store.updateRefs(
    names.map((name) => ({ name: `refs/snapshots/a/${name}`, from: null, to: tag })),
    'test',
  );
  git('pack-refs', '--all');
  await store.updateRefs([{ name: 'refs/snapshots/a/1000', from: tag, to: other }], 'test');
  const before = refs();
  const moves = (first: Oid) =>
    names.flatMap((name) => {
      const from = name === '1000' ? first : tag;
      return [
        { name: `refs/snapshots/a/${name}`, from, to: null },
        { name: `refs/trash/a/${name}`, from: null, to: from },
      ];
    });
  // Not where it was said to be.
  const moved = store.updateRefs(moves(tag), 'test');
  await expect(moved).rejects.toThrow(RefConflictError);
  await expect(moved).rejects.toMatchObject({ refs: ['refs/snapshots/a/1000'] });
  // Locked by somebody else.
  const lock = join(dir, '.git/refs/snapshots/a/1200.lock');
  writeFileSync(lock, '');
  await expect(store.updateRefs(moves(other), 'test')).rejects.toMatchObject({
    kind: 'conflict',
    message: expect.stringContaining(lock),
  });
  expect(refs()).toBe(before);
  rmSync(lock);
  await store.updateRefs(moves(other), 'test');
  expect(refs()).toBe(before.replaceAll('refs/snapshots/', 'refs/trash/'));
  expect(git('fsck', '--no-dangling')).toBe('');
  expect(readdirSync(join(dir, '.git'), { recursive: true }).filter((name) => `${name}`.endsWith('.lock'))).toEqual([]);
});

test('as many objects as stay files are each stored as one is', async () => {
  const { dir, git } = tempRepo();
  const { store } = await openStore(dir, { durability: async () => DURABLE });
  const bodies = Array.from({ length: 180 }, (_, n) => `body ${n % 150}`);
  const oids = await store.writeObjects(bodies.map((body) => ({ type: 'blob', body })));
  expect((await store.readObjects(oids)).map(({ body }) => body)).toEqual(bodies);
  expect(git('fsck', '--no-dangling')).toBe('');
  expect(git('count-objects')).toMatch(/^150 objects/);
  expect(
    readdirSync(join(dir, '.git/objects'), { recursive: true }).filter((name) => /tmp_obj/.test(`${name}`)),
  ).toEqual([]);
});
