import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { existing, fsck, type GovernedRepo, look, type Run } from '../support/governed-repo.ts';
import { programs } from '../support/programs.ts';
import { countCalls, DISK_CALLS, type DiskCall, type Fault, runNode } from '../support/strace.ts';
import { tempDir } from '../support/temp-repo.ts';

// The real programs are killed, or run out of disk, at each place where their main thread touches it. Afterwards the
// repository is sound, log and refs agree, and the directory can be brought to exactly one of the two states.

/** FAULTS=all tries each place. Otherwise every 12th of those calls that store objects, and every 4th of the others. */
const ALL = process.env['FAULTS'] === 'all';
const STORING: readonly DiskCall[] = ['mkdir', 'fchmod', 'fsync'];
const AT_ONCE = 2;
const say = (text: string) => process.stderr.write(`${text}\n`);

let scratch: string;
let template: string;
let script: Record<'create' | 'rollback', string>;
let first: string;
let old: string[];
let changed: string[];

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'git-snapshot-faults-'));
  template = join(scratch, 'template');
  const installed = await programs();
  script = { create: installed.script('git-snapshot'), rollback: installed.script('git-rollback') };
  mkdirSync(template);
  execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: template });
  const repo = existing(template);
  await repo.ok('snapshot', 'init', '--yes', '--no-passphrase');
  for (const dir of ['deep/a', 'gone/b', 'hollow']) mkdirSync(join(repo.root, dir), { recursive: true });
  for (const path of ['one', 'deep/two', 'deep/a/three', 'gone/four', 'gone/b/five', 'mode'])
    writeFileSync(join(repo.root, path), `old ${path}\n`);
  symlinkSync('one', join(repo.root, 'link'));
  old = look(repo.root);
  first = (await repo.take('-m', 'first')).id;
  writeFileSync(join(repo.root, 'one'), 'new one\n');
  rmSync(join(repo.root, 'gone'), { recursive: true });
  rmSync(join(repo.root, 'hollow'), { recursive: true });
  mkdirSync(join(repo.root, 'fresh'));
  writeFileSync(join(repo.root, 'fresh/six'), 'new six\n');
  chmodSync(join(repo.root, 'mode'), 0o600);
  rmSync(join(repo.root, 'link'));
  symlinkSync('deep', join(repo.root, 'link'));
  changed = look(repo.root);
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function copy(name: string): GovernedRepo {
  const dir = join(scratch, name);
  cpSync(template, dir, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return existing(dir);
}

const ARGS = {
  create: (dir: string) => ['-C', dir, 'create', '-m', 'second'],
  rollback: (dir: string) => ['-C', dir, '--yes', '-m', 'why', first],
};

async function placesOf(program: 'create' | 'rollback'): Promise<Fault[]> {
  const repo = copy(`count-${program}`);
  const counts = await countCalls(script[program], ARGS[program](repo.dir), join(scratch, 'trace'));
  return DISK_CALLS.flatMap((call) =>
    Array.from({ length: counts.get(call) ?? 0 }, (_, k) => ({ call, nth: k + 1, what: 'kill' as const })),
  );
}

function sample(all: readonly Fault[], thin = 1): Fault[] {
  const strides = (call: DiskCall) => (ALL ? 1 : thin * (STORING.includes(call) ? 12 : 4));
  const storing = all.filter(({ call }) => STORING.includes(call));
  const others = all.filter(({ call }) => !STORING.includes(call));
  return [storing, others].flatMap((some) => some.filter(({ call }, k) => k % strides(call) === 0));
}

async function inParallel<T>(items: readonly T[], work: (item: T, k: number) => Promise<void>): Promise<void> {
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** The repository is sound, each ref has its event, and the other way round. */
async function expectSound(repo: GovernedRepo, what: string): Promise<void> {
  expect(fsck(repo.dir), what).toBe('');
  expect(await repo.json('snapshot', 'verify', '--all'), what).toMatchObject({ ok: true });
  const refs = (await repo.json<{ id: string }[]>('snapshot', 'list')).map(({ id }) => id).sort();
  const { stdout, stderr } = await repo.expect(0, ['snapshot', 'log', '--type', 'snapshot', '--json']);
  expect(stderr, what).toBe('');
  const events = (JSON.parse(stdout) as { snapshot: string }[]).map(({ snapshot }) => snapshot).sort();
  expect(events, what).toEqual(refs);
  expect(readdirSync(repo.dir).sort(), `${what}: left beside the directory`).toEqual(['.git', 'artifacts']);
}

it('create, killed anywhere, has made a snapshot or none, and the next one is none the worse', {
  timeout: 900_000,
}, async () => {
  const all = await placesOf('create');
  const places = sample(all);
  let made = 0;
  await inParallel(places, async (fault) => {
    const what = `create killed at ${fault.call} ${fault.nth}`;
    const repo = copy(what.replaceAll(' ', '-'));
    const killed = await runNode(script.create, ARGS.create(repo.dir), fault);
    expect(killed.code, `${what}: ${killed.stdout}${killed.stderr}`).toBeNull();
    expect(look(repo.root), what).toEqual(changed);
    await expectSound(repo, what);
    const before = (await repo.json<unknown[]>('snapshot', 'list')).length;
    if (before === 2) made++;
    else expect(before, what).toBe(1);
    await repo.ok('snapshot', 'create', '-m', 'again');
    const [newest] = await repo.json<{ id: string }[]>('snapshot', 'list');
    expect(await repo.json('snapshot', 'diff', newest?.id ?? ''), what).toMatchObject({ changes: [] });
    await repo.ok('snapshot', 'status');
    await expectSound(repo, what);
    await repo.ok('rollback', '--yes', first);
    expect(look(repo.root), what).toEqual(old);
    rmSync(repo.dir, { recursive: true });
  });
  say(`create killed: ${places.length} of ${all.length} places, the snapshot was there after ${made}`);
});

it('rollback, killed anywhere, is finished or taken back exactly', { timeout: 900_000 }, async () => {
  const all = await placesOf('rollback');
  const places = sample(all);
  const ends = { none: 0, continue: 0, abort: 0 };
  await inParallel(places, async (fault, k) => {
    const what = `rollback killed at ${fault.call} ${fault.nth}`;
    const repo = copy(what.replaceAll(' ', '-'));
    const killed = await runNode(script.rollback, ARGS.rollback(repo.dir), fault);
    expect(killed.code, `${what}: ${killed.stdout}${killed.stderr}`).toBeNull();
    expect(fsck(repo.dir), what).toBe('');

    const { rollbackInProgress } = await repo.json<{ rollbackInProgress: boolean }>('snapshot', 'status');
    if (rollbackInProgress) {
      await repo.expect(9, ['snapshot', 'create']);
      await repo.expect(9, ['rollback', '--yes', first]);
      const verb = k % 2 === 0 ? 'continue' : 'abort';
      await repo.ok('rollback', `--${verb}`);
      ends[verb]++;
      expect(look(repo.root), `${what}, ${verb}`).toEqual(verb === 'continue' ? old : changed);
      const [last] = await repo.json<{ event: { outcome: string } }[]>('snapshot', 'log', '--type', 'rollback');
      expect(last?.event.outcome, what).toBe(verb === 'continue' ? 'applied' : 'reverted');
    } else {
      ends.none++;
      // An empty directory of ours may have been left, which the next rollback removes.
      const now = look(repo.root).filter((line) => !/^d \.git-snapshot-[0-9a-f]+-probe$/.test(line));
      expect([old, changed], what).toContainEqual(now);
    }
    await repo.ok('rollback', '--yes', first);
    expect(look(repo.root), what).toEqual(old);
    await repo.ok('rollback', '--yes', 'label:auto=pre-rollback');
    expect(look(repo.root), what).toEqual(changed);
    await expectSound(repo, what);
    rmSync(repo.dir, { recursive: true });
  });
  expect(ends.continue).toBeGreaterThan(0);
  expect(ends.abort).toBeGreaterThan(0);
  say(`rollback killed: ${places.length} of ${all.length} places; ${JSON.stringify(ends)}`);
});

it.each(['create', 'rollback'] as const)(
  '%s survives system calls that fail',
  { timeout: 900_000 },
  async (program) => {
    const all = await placesOf(program);
    const kinds = {
      fsync: 'EIO',
      rename: 'EACCES',
      link: 'EPERM',
      symlink: 'ENOSPC',
      unlink: 'EACCES',
      mkdir: 'ENOSPC',
      rmdir: 'EIO',
      chmod: 'EPERM',
      fchmod: 'EPERM',
    } as const;
    const places = sample(all, 2).map((fault): Fault => ({ ...fault, what: kinds[fault.call] }));
    const codes = new Map<number | null, number>();
    await inParallel(places, async (fault) => {
      const what = `${program} with ${fault.what} from ${fault.call} ${fault.nth}`;
      const repo = copy(what.replaceAll(' ', '-'));
      const failed = await runNode(script[program], ARGS[program](repo.dir), fault);
      codes.set(failed.code, (codes.get(failed.code) ?? 0) + 1);
      // An error for people, never a bug.
      expect([0, 3, 5, 8, 9], `${what}: ${failed.stdout}${failed.stderr}`).toContain(failed.code);
      const { rollbackInProgress } = await repo.json<{ rollbackInProgress: boolean }>('snapshot', 'status');
      if (rollbackInProgress) await repo.ok('rollback', '--abort');
      expect(program === 'create' || failed.code !== 0 ? [changed, old] : [old], what).toContainEqual(look(repo.root));
      await repo.ok('rollback', '--yes', first);
      expect(look(repo.root), what).toEqual(old);
      await expectSound(repo, what);
      rmSync(repo.dir, { recursive: true });
    });
    say(
      `${program} with failing calls: ${places.length} of ${all.length} places; exit codes ${JSON.stringify([...codes])}`,
    );
  },
);

it('a disk that is full stops it with nothing changed', async () => {
  const disk = tempDir();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk]).status === 0;
  // Without the right to mount, the system calls above are all there is.
  if (!mounted) return say('cannot mount a small disk here');
  onTestFinished(() => {
    spawnSync('umount', ['-l', disk]);
  });
  const repo = existing(disk);
  repo.git('init', '-q', '-b', 'main');
  await repo.ok('snapshot', 'init', '--yes', '--no-passphrase');
  mkdirSync(repo.root);
  writeFileSync(join(repo.root, 'a'), 'a'.repeat(1_500_000));
  const { id } = await repo.take();
  writeFileSync(join(repo.root, 'a'), 'small');
  const filler = join(disk, 'filler');
  const fill = () => spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'], { stdio: 'ignore' });
  const state = () => [look(repo.root), repo.git('for-each-ref')];

  fill();
  let before = state();
  await refused(repo, ['rollback', '--yes', id]);
  expect(state()).toEqual(before);
  rmSync(filler);
  // Room for the backup, not for what is to be put back.
  await repo.ok('snapshot', 'create');
  execFileSync('dd', ['if=/dev/urandom', `of=${filler}`, 'bs=1k', 'count=4500'], { stdio: 'ignore' });
  before = state();
  await refused(repo, ['rollback', '--yes', id]);
  expect(state()).toEqual(before);
  rmSync(filler);

  execFileSync('dd', ['if=/dev/urandom', `of=${join(repo.root, 'big')}`, 'bs=1k', 'count=3500'], { stdio: 'ignore' });
  before = state();
  await refused(repo, ['snapshot', 'create']);
  expect(state()).toEqual(before);
  expect(fsck(disk)).toBe('');
  rmSync(join(repo.root, 'big'));
  await repo.ok('rollback', '--yes', id);
  expect(await repo.json('snapshot', 'verify', '--all')).toMatchObject({ ok: true });
});

async function refused(repo: GovernedRepo, words: readonly string[]): Promise<Run> {
  const run = await repo.run(words);
  expect([3, 5, 8], `${words.join(' ')}: ${run.stdout}${run.stderr}`).toContain(run.code);
  return run;
}

it('what cannot be read or written is named', async () => {
  const dir = tempDir();
  cpSync(template, dir, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  const home = tempDir();
  cpSync(process.env['XDG_CONFIG_HOME'] ?? '', join(home, '.config'), { recursive: true });
  // Root may read and write everything: drop to nobody for this one.
  const nobody = process.getuid?.() === 0 ? 65_534 : undefined;
  if (nobody !== undefined) execFileSync('chown', ['-R', String(nobody), dir, home]);
  const run = (program: 'create' | 'rollback', ...args: string[]) => {
    const env = {
      ...process.env,
      HOME: home,
      XDG_CONFIG_HOME: join(home, '.config'),
      GIT_CONFIG_GLOBAL: join(home, 'none'),
    };
    return spawnSync(process.execPath, [script[program], '-C', dir, ...args], {
      env,
      encoding: 'utf8',
      ...(nobody === undefined ? {} : { uid: nobody, gid: nobody }),
    });
  };
  const root = join(dir, 'artifacts');
  const refs = () => execFileSync('git', ['-c', 'safe.directory=*', 'for-each-ref'], { cwd: dir, encoding: 'utf8' });
  execFileSync('chmod', ['755', scratch, join(script.create, '../..')]);

  const before = refs();
  chmodSync(join(root, 'one'), 0o000);
  const unreadable = run('create', 'create');
  expect([unreadable.status, unreadable.stderr]).toEqual([
    expect.toSatisfy((code) => [3, 5, 8].includes(code as number)),
    expect.stringContaining("'one'"),
  ]);
  expect(refs()).toBe(before);
  chmodSync(join(root, 'one'), 0o644);

  for (const path of ['deep', 'fresh']) chmodSync(join(root, path), 0o555);
  const contents = look(root);
  const readOnly = run('rollback', '--yes', first);
  if (nobody !== undefined) {
    expect([readOnly.status, readOnly.stderr]).toEqual([
      expect.toSatisfy((code) => [3, 5, 8].includes(code as number)),
      expect.stringContaining('fresh'),
    ]);
  }
  expect(look(root)).toEqual(contents);
  expect(existsSync(join(dir, '.git/snapshot/replace/artifacts.journal'))).toBe(false);
  for (const path of ['deep', 'fresh']) chmodSync(join(root, path), 0o755);
  expect(run('rollback', '--yes', first).stderr).toMatch(/^To take it back/);
  expect(look(root)).toEqual(old);
});
