import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempGnupg } from '../support/gnupg.ts';
import {
  around,
  existing,
  fsck,
  type GovernedRepo,
  governedRepo,
  look,
  type SnapshotDocument,
} from '../support/governed-repo.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

// Every shape of repository and every way to sign, through the whole of the main job.

/** Init is done. Takes, verifies, breaks, rolls back, undoes; the words may be run with other options. */
async function mainJob(repo: GovernedRepo): Promise<SnapshotDocument> {
  mkdirSync(join(repo.root, 'deep'), { recursive: true });
  writeFileSync(join(repo.root, 'a'), 'one\n');
  writeFileSync(join(repo.root, 'deep/b'), 'two\n', { mode: 0o600 });
  const before = look(repo.root);
  const snapshot = await repo.take('-m', 'one');
  writeFileSync(join(repo.root, 'a'), 'changed\n');
  writeFileSync(join(repo.root, 'new'), 'new\n');
  const after = look(repo.root);
  await repo.expect(1, ['snapshot', 'status']);
  await repo.ok('rollback', '--yes');
  expect(look(repo.root)).toEqual(before);
  await repo.ok('rollback', '--yes', '--undo');
  expect(look(repo.root)).toEqual(after);
  await repo.ok('rollback', '--yes', snapshot.id);
  expect(await repo.json('snapshot', 'verify', '--all')).toMatchObject({ ok: true });
  expect(fsck(repo.dir)).toBe('');
  return snapshot;
}

describe('repositories', () => {
  it('with SHA-256', async () => {
    const repo = await governedRepo({ git: ['--object-format=sha256'] });
    const { tag } = await mainJob(repo);
    expect(tag).toMatch(/^[0-9a-f]{64}$/);
    expect(repo.git('cat-file', 'commit', 'refs/notes/snapshots')).toContain(
      '\ngpgsig-sha256 -----BEGIN PGP SIGNATURE-----\n',
    );
  });

  it('without commits, with a commit, dirty, and with a detached HEAD', async () => {
    const repo = await governedRepo();
    const source = async (...args: string[]) =>
      ((await repo.take('--force', ...args)) as SnapshotDocument & { source: unknown }).source;
    writeFileSync(join(repo.root, 'a'), 'one\n');
    expect(await source()).toBeNull();
    writeFileSync(join(repo.dir, 'code'), 'code\n');
    repo.git('add', 'code');
    repo.git('commit', '-q', '-m', 'code');
    const commit = repo.git('rev-parse', 'HEAD');
    expect(await source()).toEqual({ commit, dirty: false });
    writeFileSync(join(repo.dir, 'code'), 'changed\n');
    expect(await source()).toEqual({ commit, dirty: true });
    repo.git('checkout', '-q', '--detach', '-f');
    expect(await source()).toEqual({ commit, dirty: false });
    await mainJob(repo);
    // The user's own index and branches are none of our business.
    expect(repo.git('status', '--porcelain', '--', 'code')).toBe('');
  });

  it('with linked worktrees: one history, each its own directory', async () => {
    const main = await governedRepo();
    main.git('commit', '-q', '--allow-empty', '-m', 'first');
    const linked = existing(join(tempDir(), 'linked'));
    main.git('worktree', 'add', '-q', linked.dir);
    await mainJob(main);
    mkdirSync(linked.root);
    writeFileSync(join(linked.root, 'a'), 'of the linked one\n');
    const inMain = look(main.root);
    const { id } = await linked.take('-m', 'linked');
    expect(await linked.json('rollback', '--yes', 'latest~1')).toMatchObject({ outcome: 'applied' });
    expect(look(linked.root)).toEqual(inMain);
    expect(await main.json('snapshot', 'status')).toMatchObject({ clean: true });
    await main.ok('rollback', '--yes', id);
    expect(readFileSync(join(main.root, 'a'), 'utf8')).toBe('of the linked one\n');
    expect(await linked.json('snapshot', 'verify', '--all')).toMatchObject({ ok: true });
  });

  it('named by GIT_DIR and GIT_WORK_TREE, by -C, and from below', async () => {
    const repo = await governedRepo();
    await mainJob(repo);
    const elsewhere = tempDir();
    const env = { GIT_DIR: join(repo.dir, '.git'), GIT_WORK_TREE: repo.dir };
    for (const [words, options] of [
      [['snapshot', 'status'], { cwd: elsewhere, env }],
      [['snapshot', '-C', repo.dir, 'status'], { cwd: elsewhere }],
      [['snapshot', 'status'], { cwd: join(repo.root, 'deep') }],
      [['rollback', '--yes'], { cwd: join(repo.root, 'deep') }],
    ] as const) {
      await repo.expect(0, words, options);
    }
    await repo.expect(4, ['snapshot', 'status'], { cwd: elsewhere });
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('that are bare: all but the directory', async () => {
    const repo = await governedRepo();
    const { id } = await mainJob(repo);
    const bare = existing(tempDir());
    execFileSync('git', ['clone', '-q', '--bare', repo.dir, bare.dir], { stdio: 'ignore' });
    bare.git(
      'fetch',
      '-q',
      repo.dir,
      'refs/snapshots/*:refs/snapshots/*',
      'refs/snapshot-policy/current:refs/snapshot-policy/current',
      'refs/notes/snapshots:refs/notes/snapshots',
    );
    expect(await bare.json<unknown[]>('snapshot', 'list')).toHaveLength(2);
    expect(await bare.json('snapshot', 'verify', '--all')).toMatchObject({ ok: true });
    expect(await bare.json<unknown[]>('snapshot', 'log')).toEqual(await repo.json('snapshot', 'log'));
    await bare.ok('snapshot', 'show', id);
    await bare.ok('snapshot', 'manifest', id);
    for (const words of [
      ['snapshot', 'create'],
      ['snapshot', 'status'],
      ['rollback', '--yes', id],
    ]) {
      expect((await bare.expect(3, words)).stderr).toMatch(/bare repository/);
    }
  });

  it('that are submodules, and those around them', async () => {
    const inner = tempRepo();
    inner.git('commit', '-q', '--allow-empty', '-m', 'first');
    const outer = tempRepo();
    outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.dir, 'sub');
    const sub = existing(join(outer.dir, 'sub'));
    await sub.ok('snapshot', 'init', '--yes', '--no-passphrase');
    await mainJob(sub);
    expect(outer.git('for-each-ref', 'refs/snapshots')).toBe('');
    const around_ = around(outer);
    await around_.ok('snapshot', 'init', '--yes', '--no-passphrase');
    await mainJob(around_);
  });

  it('with an own directory for the set, and several sets', async () => {
    const repo = await governedRepo({ init: ['--set', 'models=src/models', '--set', 'artifacts=artifacts'] });
    mkdirSync(join(repo.dir, 'src/models'), { recursive: true });
    writeFileSync(join(repo.dir, 'src/models/m'), 'model\n');
    const { id, ref } = await repo.take('--set', 'models');
    expect(ref).toBe(`refs/snapshots/models/${id}`);
    await mainJob(repo);
    writeFileSync(join(repo.dir, 'src/models/m'), 'changed\n');
    await repo.ok('rollback', '--yes', '--set', 'models');
    expect(readFileSync(join(repo.dir, 'src/models/m'), 'utf8')).toBe('model\n');
    expect(await repo.ok('rollback', '--yes', `models/${id}`)).toContain('nothing to do: models is at');
    await repo.expect(2, ['rollback', '--yes', '--set', 'artifacts', `models/${id}`]);
    expect(await repo.json('snapshot', 'show', 'models/latest')).toMatchObject({ id });
  });

  it('with snapshots that a reftable or packed refs hold', async () => {
    const repo = await governedRepo();
    await mainJob(repo);
    repo.git('pack-refs', '--all');
    await mainJob(await governedRepo());
    expect(await repo.json('snapshot', 'verify', '--all')).toMatchObject({ ok: true });
    writeFileSync(join(repo.root, 'a'), 'more\n');
    await repo.take();
  });
});

describe('who signs', () => {
  it('nobody, where git knows no name', async () => {
    const { dir } = tempRepo();
    const nobody = Object.fromEntries(
      ['GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL', 'GIT_COMMITTER_NAME', 'GIT_COMMITTER_EMAIL'].map((name) => [
        name,
        undefined,
      ]),
    );
    const config = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'user.useConfigOnly', GIT_CONFIG_VALUE_0: 'true' };
    const { stderr } = await existing(dir).expect(3, ['snapshot', 'init', '--yes'], { env: { ...nobody, ...config } });
    expect(stderr).toContain('user.email');
    expect(existing(dir).git('for-each-ref')).toBe('');
  });

  it('gpg, with the key that git signs with', async () => {
    const gnupg = tempGnupg();
    const fingerprint = gnupg.makeKey('Ada Example <ada@example.org>', 'ed25519');
    const env = { GNUPGHOME: gnupg.home, XDG_CONFIG_HOME: tempDir() };
    execFileSync('git', ['config', '--global', 'user.signingKey', fingerprint]);
    const repo = existing(tempRepo().dir);
    const signing = around(repo, env);
    const init = JSON.parse((await signing.expect(0, ['snapshot', 'init', '--yes', '--json'])).stdout) as {
      key: string;
      keySource: { kind: string };
    };
    execFileSync('git', ['config', '--global', '--unset', 'user.signingKey']);
    expect(init).toMatchObject({ key: `openpgp:${fingerprint}`, keySource: { kind: 'gpg' } });
    const { ref } = await mainJob(signing);
    execFileSync('git', ['verify-tag', ref], { cwd: repo.dir, env: { ...process.env, ...env }, stdio: 'ignore' });
    // Without the key: reading and verifying go on, writing does not.
    const stranger = { ...env, GNUPGHOME: tempGnupg().home };
    await repo.expect(0, ['snapshot', 'verify', '--all'], { env: stranger });
    await repo.expect(6, ['snapshot', 'create', '--force'], { env: stranger });
  });

  it('a key of ours, with a passphrase', async () => {
    const right = { XDG_CONFIG_HOME: tempDir(), GIT_SNAPSHOT_PASSPHRASE: 'correct horse' };
    const wrong = { ...right, GIT_SNAPSHOT_PASSPHRASE: 'wrong' };
    const none = { ...right, GIT_SNAPSHOT_PASSPHRASE: undefined };
    const repo = existing(tempRepo().dir);
    await repo.expect(0, ['snapshot', 'init', '--yes'], { env: right });
    const signing = around(repo, right);
    await mainJob(signing);
    writeFileSync(join(repo.root, 'a'), 'more\n');
    const state = () => [repo.git('for-each-ref'), look(repo.root)];
    const before = state();
    for (const env of [wrong, none]) {
      for (const words of [
        ['snapshot', 'create'],
        ['rollback', '--yes'],
      ]) {
        const { code, stderr } = await repo.run(words, { env });
        expect([2, 3, 6], `${words.join(' ')}: ${stderr}`).toContain(code);
        expect(stderr).toMatch(/passphrase/);
      }
      await repo.expect(0, ['snapshot', 'verify', '--all'], { env });
    }
    expect(state()).toEqual(before);
    expect(existsSync(join(repo.dir, '.git/snapshot/replace/artifacts.journal'))).toBe(false);
  });
});
