import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RefConflictError } from '../../src/core/errors.ts';
import type { Oid } from '../../src/core/oid.ts';
import type { GitStore, RefUpdate } from '../../src/core/ports.ts';
import type { Processes } from '../../src/core/processes.ts';
import { openRepository } from '../../src/git/open-repository.ts';
import { newIntentFile, noteIntent } from '../../src/git/refs/ref-intent.ts';
import { settleIntents } from '../../src/git/refs/settle-intents.ts';
import { removeStaleLocks, staleLocks } from '../../src/git/refs/stale-locks.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';
import { openStore } from './open-store.ts';

/** Everybody lives but who is called `dead`. */
const processes: Processes = { describe: (pid) => `process ${pid}`, isGone: (text) => text.startsWith('dead') };
const LOG = 'refs/notes/snapshots';
const NEW = 'refs/snapshots/artifacts/new';

/** A repository in which a transaction was begun: a new ref, and one that moves. */
async function begun({ by = ['dead', 'dead git'] } = {}) {
  const repo = tempRepo();
  const open = async () => (await openStore(repo.dir, { processes: async () => processes, lockTimeoutMs: 150 })).store;
  const store = await open();
  const [before, after, tag] = (await store.writeObjects(
    ['before', 'after', 'tag'].map((body) => ({ type: 'blob', body })),
  )) as [Oid, Oid, Oid];
  await store.updateRefs([{ name: LOG, from: null, to: before }], 'test');
  const updates: RefUpdate[] = [
    { name: NEW, from: null, to: tag },
    { name: LOG, from: before, to: after },
  ];
  const repository = await openRepository({ cwd: repo.dir, env: process.env });
  noteIntent(newIntentFile(repository), { processes: by, updates, packs: false }, { fsync: false });
  const lock = (name: string, text: string) => {
    const file = join(repo.dir, '.git', `${name}.lock`);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const noted = () => readdirSync(join(repo.dir, '.git/snapshot/transactions'));
  return { ...repo, open, repository, before, after, tag, updates, lock, noted };
}

const ends = async (store: GitStore) => [await store.readRef(NEW), await store.readRef(LOG)];

test('a transaction that was cut off between two refs is ended by whoever looks next', async () => {
  const { git, open, tag, after, lock, noted } = await begun();
  git('update-ref', NEW, tag);
  const left = lock(LOG, `${after}\n`);
  expect(await ends(await open())).toEqual([tag, after]);
  expect(existsSync(left)).toBe(false);
  expect(noted()).toEqual([]);
});

test('one that had moved nothing is not done, and its locks block nobody', async () => {
  const { open, before, after, tag, lock, updates, noted } = await begun();
  lock(NEW, tag.slice(0, 7));
  lock(LOG, '');
  const store = await open();
  expect(await ends(store)).toEqual([null, before]);
  expect(noted()).toEqual([]);
  await store.updateRefs(updates, 'again');
  expect(await ends(store)).toEqual([tag, after]);
});

test('what somebody is still at work on is left alone', async () => {
  for (const by of [
    ['living', 'dead git'],
    ['dead', 'living git'],
  ]) {
    const { git, open, tag, before, lock, after } = await begun({ by });
    git('update-ref', NEW, tag);
    const held = lock(LOG, `${after}\n`);
    expect(await ends(await open())).toEqual([tag, before]);
    expect(existsSync(held)).toBe(true);
  }
});

test('locks of others stay: older ones, ones with other values, and those of a transaction of somebody who is there', async () => {
  const older = await begun();
  const old = older.lock(LOG, '');
  utimesSync(old, 1, 1);
  const other = older.lock(NEW, `${older.before}\n`);
  await ends(await older.open());
  expect([old, other].map(existsSync)).toEqual([true, true]);

  const shared = await begun();
  const living = { processes: ['living'], updates: shared.updates, packs: false };
  noteIntent(newIntentFile(shared.repository), living, { fsync: false });
  const held = shared.lock(LOG, `${shared.after}\n`);
  await ends(await shared.open());
  expect(existsSync(held)).toBe(true);
});

/** A git that somebody runs by hand: it holds the locks of a transaction, and has closed them. */
async function prepared(dir: string, command: string) {
  const git = spawn('git', ['update-ref', '--stdin'], { cwd: dir, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void git.kill('SIGKILL'));
  git.stdin.write(`start\n${command}\nprepare\n`);
  for await (const said of git.stdout.iterator({ destroyOnReturn: false }))
    if (`${said}`.includes('prepare: ok')) break;
  const ended = once(git, 'close');
  const end = async (act: () => void) => {
    act();
    git.stdout.resume();
    return (await ended)[0];
  };
  return { commit: () => end(() => git.stdin.end('commit\n')), kill: () => end(() => git.kill('SIGKILL')) };
}

test('a lock that a living git may hold stays, however long, and whoever meets it is told what to type', async () => {
  const { dir, git, open, repository, before, updates, tag } = await begun();
  const ref = 'refs/tags/packed';
  git('update-ref', ref, before);
  git('pack-refs', '--all');
  noteIntent(newIntentFile(repository), { processes: ['dead'], updates: [], packs: true }, { fsync: false });
  const packing = await prepared(dir, `delete ${ref}`);
  const moving = await prepared(dir, `create ${NEW} ${tag}`);
  const locks = ['packed-refs', NEW].map((name) => join(dir, '.git', `${name}.lock`));

  const store = await open();
  await store.readRef(LOG);
  expect(locks.map(existsSync)).toEqual([true, true]);
  const refused = store.updateRefs(updates, 'test');
  await expect(refused).rejects.toMatchObject({
    kind: 'conflict',
    hint: expect.stringContaining(`Once no git is running here: rm '${locks[0]}'`),
  });
  expect(await Promise.all([packing.commit(), moving.commit()])).toEqual([0, 0]);
  expect(await ends(await open())).toEqual([tag, before]);
  expect(git('for-each-ref', ref)).toBe('');
});

test('what a git held that died in the meantime is removed, also if one that might hold it kept us from it before', async () => {
  const { dir, open, repository, tag, noted } = await begun();
  const dead = await prepared(dir, `create ${NEW} ${tag}`);
  const lock = join(dir, '.git', `${NEW}.lock`);
  const passing: Processes = { describe: () => 'dead by now', isGone: processes.isGone };
  await settleIntents(repository, passing);
  expect([existsSync(lock), noted().length]).toEqual([true, 1]);
  await dead.kill();
  await ends(await open());
  expect([existsSync(lock), noted().length]).toEqual([false, 0]);
});

test('a lock that was made after its git was seen dead is of another', async () => {
  const { repository, lock, updates, tag } = await begun();
  const untilMs = Date.now() - 60_000;
  const made = lock(NEW, `${tag}\n`);
  utimesSync(made, (untilMs - 1) / 1000, (untilMs - 1) / 1000);
  const intent = { processes: ['dead'], updates, packs: false };
  expect(staleLocks(repository, { intent, sinceMs: 0, untilMs, others: [] })).toEqual([]);
  const found = staleLocks(repository, { intent, sinceMs: 0, untilMs: Date.now() + 1000, others: [] });
  await removeStaleLocks(repository, found);
  expect(existsSync(made)).toBe(false);
});

test('what lies behind a link in the git directory is no lock of ours', async () => {
  const { dir, repository, updates, lock } = await begun();
  const victim = tempDir();
  mkdirSync(join(victim, 'sub'));
  for (const name of ['yarn.lock', 'sub/Cargo.lock', 'new.lock']) writeFileSync(join(victim, name), '');
  const real = lock('refs/snapshot-remotes/origin/log', '');
  symlinkSync(victim, join(dir, '.git/refs/snapshot-remotes/there'));
  symlinkSync(victim, join(dir, '.git/refs/snapshots'));
  const intent = { processes: ['dead'], updates, packs: false, below: 'refs/snapshot-remotes/' } as const;
  const found = staleLocks(repository, { intent, sinceMs: 0, untilMs: Date.now() + 1000, others: [] });
  expect(found.map(({ file }) => file)).toEqual([real]);
  rmSync(join(dir, '.git/refs/snapshot-remotes'), { recursive: true });
  symlinkSync(victim, join(dir, '.git/refs/snapshot-remotes'));
  expect(staleLocks(repository, { intent, sinceMs: 0, untilMs: Date.now() + 1000, others: [] })).toEqual([]);
});

describe('what somebody did by hand of a transaction', () => {
  const OLD = 'refs/snapshots/artifacts/old';
  const TRASH = 'refs/trash/artifacts/old';

  /** Of a snapshot that is to go to the trash, and maybe more. Its git was told, and died before it began. */
  async function told(more: (oids: { before: Oid; after: Oid; tag: Oid }) => readonly RefUpdate[]) {
    const scene = await begun({ by: ['living'] });
    const { git, repository, tag, noted, dir } = scene;
    git('update-ref', OLD, tag);
    for (const name of noted()) rmSync(join(dir, '.git/snapshot/transactions', name));
    const updates: RefUpdate[] = [...more(scene), { name: OLD, from: tag, to: null }];
    noteIntent(newIntentFile(repository), { processes: ['dead'], updates, packs: true }, { fsync: false });
    const look = async () => {
      await (await scene.open()).readRef(LOG);
      expect(noted()).toEqual([]);
      return [TRASH, LOG, OLD].map((name) => git('for-each-ref', '--format=%(objectname)', name) || null);
    };
    return { ...scene, look };
  }
  const pruning = ({ before, after, tag }: { before: Oid; after: Oid; tag: Oid }): RefUpdate[] => [
    { name: TRASH, from: null, to: tag },
    { name: LOG, from: before, to: after },
  ];

  test('to delete a ref that was to go last, is no beginning of it', async () => {
    const { git, look, before } = await told(pruning);
    git('update-ref', '-d', OLD);
    expect(await look()).toEqual([null, before, null]);
  });

  test('to move a ref whose turn had not come, is none, whatever locks are left', async () => {
    const { git, look, lock, before, after, tag } = await told(pruning);
    git('update-ref', LOG, after);
    lock(TRASH, `${tag}\n`);
    expect(await look()).toEqual([null, after, tag]);
    expect(before).not.toBe(after);
  });

  test('to give a value that another ref has, is none, but where the next ref is still locked for it', async () => {
    const byHand = await told(pruning);
    byHand.git('update-ref', TRASH, byHand.tag);
    expect(await byHand.look()).toEqual([byHand.tag, byHand.before, byHand.tag]);

    const cutOff = await told(pruning);
    cutOff.git('update-ref', TRASH, cutOff.tag);
    cutOff.lock(LOG, `${cutOff.after}\n`);
    expect(await cutOff.look()).toEqual([cutOff.tag, cutOff.after, null]);
  });

  test('to delete one of several refs is none, but where the others are still locked for it', async () => {
    const deleting = ({ before }: { before: Oid }): RefUpdate[] => [{ name: LOG, from: before, to: null }];
    const byHand = await told(deleting);
    byHand.git('update-ref', '-d', OLD);
    expect(await byHand.look()).toEqual([null, byHand.before, null]);

    const cutOff = await told(deleting);
    cutOff.git('update-ref', '-d', OLD);
    cutOff.lock(LOG, '');
    expect(await cutOff.look()).toEqual([null, null, null]);
  });

  test('to remove the locks that prove a beginning, once they were seen, does not undo it', async () => {
    const { dir, git, repository, open, tag, after, before, noted } = await told(pruning);
    git('update-ref', TRASH, tag);
    const holder = await prepared(dir, `update ${LOG} ${after} ${before}`);
    const passing: Processes = { describe: () => 'dead by now', isGone: processes.isGone };
    await settleIntents(repository, passing);
    expect(git('rev-parse', LOG)).toBe(before);
    await holder.kill();
    rmSync(join(dir, '.git', `${LOG}.lock`));
    const store = await open();
    expect([await store.readRef(TRASH), await store.readRef(LOG), await store.readRef(OLD)]).toEqual([
      tag,
      after,
      null,
    ]);
    expect(noted()).toEqual([]);
  });

  test('is not gone on with by the very command that git refused for it', async () => {
    const { git, open, look, before, tag } = await told(() => []);
    const store = await open();
    const updates: RefUpdate[] = [
      { name: LOG, from: before, to: tag },
      { name: OLD, from: tag, to: null },
    ];
    git('update-ref', '-d', OLD);
    await expect(store.updateRefs(updates, 'test')).rejects.toEqual(new RefConflictError([OLD]));
    expect(await look()).toEqual([null, before, null]);
  });
});

test('where others went on meanwhile, nothing is moved', async () => {
  const { git, open, tag, noted } = await begun();
  git('update-ref', NEW, tag);
  // Any other object.
  git('update-ref', LOG, tag);
  expect(await ends(await open())).toEqual([tag, tag]);
  expect(noted()).toEqual([]);
});

test('what is no intent is passed over', async () => {
  const { dir, open, before, noted } = await begun();
  const place = join(dir, '.git/snapshot/transactions');
  const bad = [
    '',
    '{',
    'null',
    '{"processes":["dead"],"updates":[{"name":"HEAD","from":null,"to":null}],"packs":false}',
    '{"processes":["dead"],"updates":[{"name":"refs/../HEAD","from":null,"to":null}],"packs":false}',
    '{"processes":["dead"],"updates":[{"name":"refs/heads/a\\u0000b","from":null,"to":null}],"packs":false}',
    '{"processes":["dead"],"updates":[{"name":"refs/heads/a.lock","from":null,"to":null}],"packs":false}',
    '{"processes":[1],"updates":[],"packs":false}',
  ];
  for (const [i, text] of bad.entries()) writeFileSync(join(place, `bad${i}`), text);
  expect(await ends(await open())).toEqual([null, before]);
  expect(noted()).toHaveLength(bad.length);
  for (const name of noted()) utimesSync(join(place, name), 1, 1);
  await ends(await open());
  expect(noted()).toEqual([]);
});

test('what is no file is passed over, and nobody waits for it', async () => {
  const { dir, open, before, noted } = await begun({ by: ['living'] });
  const place = join(dir, '.git/snapshot/transactions');
  // Somebody puts it there while we are at work: where it is there before, the repository is refused.
  const repository = await open();
  mkdirSync(join(place, 'directory'));
  execFileSync('mkfifo', [join(place, 'pipe')]);
  symlinkSync('/dev/zero', join(place, 'link'));
  expect(await ends(repository)).toEqual([null, before]);
  expect(noted()).toHaveLength(4);
});
