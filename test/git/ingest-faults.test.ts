import { execFile, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tempDir, tempRepo } from '../support/temp-repo.ts';
import { builtScript, workerFile } from '../support/worker-file.ts';
import { openStore } from './open-store.ts';

const run = promisify(execFile);

async function program(...args: string[]): Promise<string[]> {
  return [await builtScript(join(import.meta.dirname, 'store-program.ts')), await workerFile(), ...args];
}

function many(root: string, count = 600): void {
  for (let i = 0; i < count; i++) writeFileSync(join(root, `f${i}`), `${i} `.repeat(1000));
}

const leftovers = (dir: string) =>
  readdirSync(join(dir, '.git/objects'), { recursive: true }).filter((name) => String(name).includes('tmp_'));

test.each([0, 2])(
  'a file that changes each time it is read is a conflict that names it (%i threads)',
  async (threads) => {
    const { dir } = tempRepo();
    const { store } = await openStore(dir, { threads });
    // Its size is said to be 0, and it never is: always different from what its stat promised.
    for (const count of [1, 500]) {
      const into = await store.beginIngest('/proc', { store: true });
      const paths = Array.from({ length: count }, () => ({ path: 'version' }));
      await expect(into.addFiles(paths)).rejects.toMatchObject({
        kind: 'conflict',
        message: "'version' changed while it was read",
      });
      await into.abandon();
    }
    expect(leftovers(dir)).toEqual([]);
  },
);

test.each([0, 2])(
  'what does not hold still is taken as it was, where it may be, and what is gone is left out (%i threads)',
  async (threads) => {
    const { dir } = tempRepo();
    const { store } = await openStore(dir, { threads });
    for (const count of [1, 500]) {
      const into = await store.beginIngest('/proc', { store: true, unsteady: 'take' });
      const paths = Array.from({ length: count }, () => [
        { path: 'version' },
        { path: 'no such file' },
        { path: 'self/task' },
      ]);
      const files = await into.addFiles(paths.flat());
      expect(files.map(({ path, size, stat }) => [path, size, stat.size])).toEqual(
        Array.from({ length: count }, () => ['version', 0, 0]),
      );
      await into.abandon();
    }
    expect(leftovers(dir)).toEqual([]);
  },
);

test('what is no file or link any more is refused, and never waited for or followed', async () => {
  const { dir } = tempRepo();
  const { store } = await openStore(dir);
  const root = tempDir();
  execFileSync('mkfifo', [join(root, 'pipe')]);
  mkdirSync(join(root, 'directory'));
  symlinkSync('/etc/hostname', join(root, 'link'));
  const into = await store.beginIngest(root, { store: true });
  for (const path of ['pipe', 'directory']) {
    await expect(into.addFiles([{ path }])).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(path),
    });
  }
  const [link] = await into.addFiles([{ path: 'link' }]);
  expect(link).toMatchObject({ size: '/etc/hostname'.length });
  await into.abandon();
});

test('a file that may not be read is an error that names it, and nothing is left behind', async () => {
  const { dir } = tempRepo();
  const root = tempDir();
  many(root);
  writeFileSync(join(root, 'f300'), 'secret', { mode: 0o600 });
  chmodSync(join(root, 'f300'), 0);
  chmodSync(root, 0o755);
  // Root may read anything: so somebody else has to try.
  const uid = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  if ('uid' in uid) execFileSync('chown', ['-R', '65534:65534', dir]);
  const [script = '', worker = '', ...args] = await program(dir, 'ingest', root);
  chmodSync(join(script, '..'), 0o755);
  const failed = run(process.execPath, [script, worker, ...args], uid);
  await expect(failed).rejects.toMatchObject({
    stderr: expect.stringContaining("cannot read 'f300': permission denied"),
  });
  expect(leftovers(dir)).toEqual([]);
});

test.each([0, 2])(
  'who is told of progress and throws ends the work, and nothing is left behind (%i threads)',
  async (threads) => {
    const { dir } = tempRepo();
    const { store } = await openStore(dir, { threads });
    const root = tempDir();
    for (const name of ['a', 'b']) {
      writeFileSync(join(root, name), name);
      truncateSync(join(root, name), 24 << 20);
    }
    const into = await store.beginIngest(root, { store: true });
    const adding = into.addFiles([{ path: 'a' }, { path: 'b' }], () => {
      throw new Error('no more of this');
    });
    await expect(adding).rejects.toThrow('no more of this');
    await into.abandon();
    await store.close();
    expect(leftovers(dir)).toEqual([]);
  },
);

test('a pack that cannot be written to its end is an error with a hint, and is taken away', async () => {
  const { dir } = tempRepo();
  const root = tempDir();
  many(root);
  const args = await program(dir, 'ingest', root);
  // Files of at most 8 KiB may be written: the pack is larger.
  const shell = ['-c', 'trap "" XFSZ; ulimit -f 8; exec "$0" "$@"', process.execPath, ...args];
  const failed = run('sh', shell);
  await expect(failed).rejects.toMatchObject({ stderr: expect.stringMatching(/"kind":"git".*file too large.*hint/) });
  expect(leftovers(dir)).toEqual([]);
});

test('what a killed ingest leaves, git clears up', async () => {
  const { dir, git } = tempRepo();
  const root = tempDir();
  many(root);
  const child = spawn(process.execPath, await program(dir, 'hang', root), { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  expect(leftovers(dir)).not.toEqual([]);
  git('prune', '--expire=now');
  expect(leftovers(dir)).toEqual([]);
});

test('memory does not grow with the size of a file', async () => {
  const { dir, git } = tempRepo();
  const maxRssKiB = async (root: string) => {
    const { stdout } = await run(process.execPath, await program(dir, 'ingest', root));
    return (JSON.parse(stdout) as { maxRssKiB: number }).maxRssKiB;
  };
  const small = tempDir();
  writeFileSync(join(small, 'file'), 'small');
  const large = tempDir();
  writeFileSync(join(large, 'sparse'), 'start');
  truncateSync(join(large, 'sparse'), 300 * 1024 * 1024);
  expect(await maxRssKiB(large)).toBeLessThan((await maxRssKiB(small)) + 100 * 1024);
  git('fsck', '--strict', '--no-dangling');
});
