import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SnapshotError } from '../../../src/core/errors.ts';
import type { UnfitHandling } from '../../../src/core/workdir.ts';
import { makeSet, type ScannedSet } from '../../support/scanned-set.ts';

async function refusalOf(set: ScannedSet): Promise<string> {
  const error = await set.scanAfresh().catch((reason: unknown) => reason);
  if (!(error instanceof SnapshotError)) throw new Error('expected a SnapshotError', { cause: error });
  expect(error.kind).toBe('config');
  return error.message;
}

const listing = async (set: ScannedSet) =>
  (await set.scanAfresh()).entries.map(({ path, mode }) => `${mode.toString(8)} ${path}`);

/** Runs as a user who is held to permissions, where the tests run as one who is not. */
async function asOrdinaryUser<T>(action: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return action();
  process.seteuid?.(65534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

describe('scan', () => {
  it('lists files, links and empty directories with their modes, sorted by path bytes', async () => {
    const set = makeSet();
    mkdirSync(join(set.root, 'a/empty'), { recursive: true });
    for (const name of ['a.txt', 'a/file', 'a-', 'run']) writeFileSync(join(set.root, name), name);
    chmodSync(join(set.root, 'run'), 0o750);
    symlinkSync('nowhere', join(set.root, 'link'));
    expect(await listing(set)).toEqual([
      '100644 a-',
      '100644 a.txt',
      '40000 a/empty',
      '100644 a/file',
      '120000 link',
      '100750 run',
    ]);
  });

  it('keeps names that are not UTF-8, or hold line feeds and quotes', async () => {
    const set = makeSet();
    const names = ['\xff\xfe', 'line\nfeed', '"quoted"', "it's", 'tab\t', 'back\\slash', ' ', '\xe9/\xe8'];
    mkdirSync(Buffer.from(`${set.root}/\xe9`, 'latin1'));
    for (const name of names) writeFileSync(Buffer.from(`${set.root}/${name}`, 'latin1'), name);
    const expected = [...names].sort();
    expect((await set.scanAfresh()).entries.map(({ path }) => path)).toEqual(expected);
    await set.snapshot();
    rmSync(Buffer.from(`${set.root}/\xe9/\xe8`, 'latin1'));
    writeFileSync(Buffer.from(`${set.root}/line\nfeed`, 'latin1'), 'other');
    const { entries } = await set.scanAll();
    expect(entries.map(({ path }) => path)).toEqual(names.map((name) => (name === '\xe9/\xe8' ? '\xe9' : name)).sort());
    expect(entries.find(({ path }) => path === 'line\nfeed')?.known).toBeUndefined();
  });

  it('says of a missing directory that it does not exist', async () => {
    const set = makeSet();
    rmSync(set.root, { recursive: true });
    expect(await set.scanAfresh()).toMatchObject({ exists: false, entries: [] });
  });

  it('finds no entries in an empty root', async () => {
    expect(await makeSet().scanAfresh()).toMatchObject({ exists: true, entries: [] });
  });

  it.each(['link', 'file'])('refuses a root that is a %s', async (kind) => {
    const set = makeSet();
    rmSync(set.root, { recursive: true });
    if (kind === 'link') symlinkSync('/', set.root);
    else writeFileSync(set.root, '');
    expect(await refusalOf(set)).toContain('is not a directory');
  });

  it('names everything that cannot be in a snapshot, each with its reason, in one error', async () => {
    const set = makeSet();
    execFileSync('mkfifo', [join(set.root, 'fifo')]);
    const server = createServer();
    await new Promise<void>((done) => server.listen(join(set.root, 'socket'), done));
    onTestFinished(() => void server.close());
    writeFileSync(join(set.root, 'setuid'), '');
    chmodSync(join(set.root, 'setuid'), 0o4755);
    mkdirSync(join(set.root, 'sub/.GIT'), { recursive: true });
    symlinkSync('/etc/passwd', join(set.root, 'absolute'));
    symlinkSync('../../outside', join(set.root, 'sub/up'));
    const message = await refusalOf(set);
    for (const line of [
      'fifo: a FIFO',
      'socket: a socket',
      'setuid: a file with a setuid',
      'sub/.GIT: a name that',
      'absolute: a link to an absolute path',
      'sub/up: a link that leads out',
    ]) {
      expect(message).toContain(`\n  ${line}`);
    }
    expect(message.split('\n')).toHaveLength(7);
  });

  it('refuses nothing that is excluded', async () => {
    const set = makeSet({ exclude: ['.git', 'fifo'] });
    mkdirSync(join(set.root, '.git'));
    execFileSync('mkfifo', [join(set.root, 'fifo')]);
    expect((await set.scanAfresh()).excluded).toHaveLength(2);
  });

  it('lists twenty and counts the rest', async () => {
    const set = makeSet();
    for (let i = 0; i < 25; i++) symlinkSync('/', join(set.root, `link${i}`));
    expect((await refusalOf(set)).split('\n').slice(-1)).toEqual(['  and 5 more']);
  });

  it('takes links that lead out where that is allowed', async () => {
    const set = makeSet({ allowOutsideLinks: true });
    symlinkSync('/etc', join(set.root, 'link'));
    expect(await listing(set)).toEqual(['120000 link']);
  });

  it('refuses paths that are too deep or too long', async () => {
    const deep = makeSet();
    mkdirSync(join(deep.root, ...Array<string>(513).fill('d')), { recursive: true });
    expect(await refusalOf(deep)).toContain('more than 512 names');
    // Such a path has to be put together, and taken apart by a tool that goes from directory to directory.
    const long = makeSet();
    onTestFinished(() => void execFileSync('rm', ['-rf', long.root]));
    const half = Array<string>(9).fill('x'.repeat(250)).join('/');
    for (const name of ['upper', 'lower']) mkdirSync(join(long.root, name, half), { recursive: true });
    renameSync(join(long.root, 'lower'), join(long.root, 'upper', half, 'lower'));
    expect(await refusalOf(long)).toContain('a path that is too long');
  });

  it('refuses more entries than it was told to take', async () => {
    const set = makeSet({ maxEntries: 3 });
    for (const name of ['a', 'b', 'c']) writeFileSync(join(set.root, name), '');
    await expect(set.scanAfresh()).rejects.toThrow('more than 3 files and directories');
  });

  it('names a directory that cannot be read', async () => {
    const set = makeSet();
    mkdirSync(join(set.root, 'closed'), { mode: 0 });
    chmodSync(join(set.root, '../..'), 0o755);
    chmodSync(join(set.root, '..'), 0o755);
    const message = await asOrdinaryUser(() => refusalOf(set));
    expect(message).toContain('closed: a directory that cannot be read (permission denied)');
  });

  it('leaves alone what no snapshot can hold where it is told to, and what cannot be read only where it is told that, too', async () => {
    const set = makeSet();
    execFileSync('mkfifo', [join(set.root, 'fifo')]);
    writeFileSync(join(set.root, 'file'), '');
    mkdirSync(join(set.root, 'closed'), { mode: 0 });
    chmodSync(join(set.root, '../..'), 0o755);
    chmodSync(join(set.root, '..'), 0o755);
    const look = (unfit: UnfitHandling) =>
      asOrdinaryUser(() => set.reopen().scan({ baselineAlive: () => false, full: true, unfit }));
    const closed = 'a directory that cannot be read (permission denied)';
    await expect(look('leave-alone')).rejects.toThrow(
      new RegExp(`:\\n {2}closed: ${closed.replace(/[()]/g, '\\$&')}$`),
    );
    expect(await look('leave-unread')).toMatchObject({
      entries: [{ path: 'file' }],
      unfit: [
        { path: 'closed', what: closed },
        { path: 'fifo', what: 'a FIFO' },
      ],
    });
  });
});
