import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SnapshotError } from '../../src/core/errors.ts';
import { DURABLE } from '../../src/git/git-store.ts';
import { headState } from '../../src/git/head-state.ts';
import { openRepository } from '../../src/git/open-repository.ts';
import { listRemotes } from '../../src/git/remotes.ts';
import { committerIdentity, durabilityOf, readConfig } from '../../src/git/repository-config.ts';
import { runGit } from '../../src/git/run-git.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

const open = (cwd: string, env: NodeJS.ProcessEnv = {}) => openRepository({ cwd, env: { ...process.env, ...env } });

describe('a repository is found', () => {
  test('from a directory inside it, and through a link to it', async () => {
    const { dir } = tempRepo();
    mkdirSync(join(dir, 'a/b'), { recursive: true });
    const link = join(tempDir(), 'link');
    execFileSync('ln', ['-s', join(dir, 'a'), link]);
    for (const cwd of [dir, join(dir, 'a/b'), link]) {
      expect(await open(cwd)).toMatchObject({
        gitDir: join(dir, '.git'),
        commonDir: join(dir, '.git'),
        objectDirectory: join(dir, '.git/objects'),
        topLevel: dir,
        format: { name: 'sha1' },
        isShallow: false,
      });
    }
    expect(await open(join(dir, '.git'))).toMatchObject({ gitDir: join(dir, '.git'), topLevel: null });
  });

  test('bare, with SHA-256', async () => {
    const { dir } = tempRepo('--bare', '--object-format=sha256');
    expect(await open(dir)).toMatchObject({ gitDir: dir, topLevel: null, format: { name: 'sha256', hexLength: 64 } });
  });

  test('in a linked working tree and in a submodule', async () => {
    const { dir, git } = tempRepo();
    git('commit', '-q', '--allow-empty', '-m', 'one');
    const linked = join(tempDir(), 'linked');
    git('worktree', 'add', '-q', '-b', 'side', linked);
    expect(await open(linked)).toMatchObject({
      gitDir: join(dir, '.git/worktrees/linked'),
      commonDir: join(dir, '.git'),
      objectDirectory: join(dir, '.git/objects'),
      topLevel: linked,
    });
    const { dir: outer, git: outerGit } = tempRepo();
    outerGit('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', dir, 'inner');
    expect(await open(join(outer, 'inner'))).toMatchObject({
      gitDir: join(outer, '.git/modules/inner'),
      topLevel: join(outer, 'inner'),
    });
  });

  test('by GIT_DIR, GIT_WORK_TREE and GIT_OBJECT_DIRECTORY, from anywhere, and later calls find it again', async () => {
    const { dir, git } = tempRepo();
    git('commit', '-q', '--allow-empty', '-m', 'one');
    const away = realpathSync(tempDir());
    const repository = await open(away, { GIT_DIR: join(dir, '.git'), GIT_WORK_TREE: dir });
    expect(repository).toMatchObject({ gitDir: join(dir, '.git'), topLevel: dir });
    expect(await headState(repository)).toEqual({ commit: git('rev-parse', 'HEAD'), dirty: false });
    const objects = join(away, 'objects');
    mkdirSync(objects);
    expect(await open(dir, { GIT_OBJECT_DIRECTORY: objects })).toMatchObject({ objectDirectory: objects });
  });
});

describe('what is no repository is a clear error:', () => {
  test('another directory, a missing one, one of another user', async () => {
    const outside = tempDir();
    await expect(open(outside)).rejects.toMatchObject({
      kind: 'not-found',
      message: `not in a git repository: '${outside}'`,
      hint: expect.stringContaining('git init'),
    });
    await expect(open(join(outside, 'none'))).rejects.toMatchObject({ kind: 'not-found' });
    const { dir } = tempRepo();
    // Git can be told to act as if the owner were another.
    const foreign = open(dir, { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' });
    await expect(foreign).rejects.toMatchObject({ kind: 'config', hint: expect.stringContaining('safe.directory') });
  });

  test('no git on the PATH', async () => {
    // One that is plain is found without git.
    const { dir } = tempRepo('--bare');
    await expect(open(dir, { PATH: tempDir() })).rejects.toMatchObject({
      kind: 'git',
      message: 'git is not installed, or not on the PATH',
    });
  });

  test('a line feed in its path', async () => {
    const odd = join(tempDir(), 'two\nlines');
    mkdirSync(odd);
    execFileSync('git', ['init', '-q', odd]);
    await expect(open(odd)).rejects.toMatchObject({ kind: 'config' });
  });
});

describe('running git', () => {
  test('a failure in silence is a failure', async () => {
    const { place } = await open(tempRepo().dir);
    const quiet = ['show-ref', '--verify', '--quiet', 'refs/heads/none'];
    await expect(runGit(place, quiet)).rejects.toMatchObject({ message: "'git show-ref' failed (exit code 1)" });
    await expect(runGit(place, quiet, { okCodes: [0, 1] })).resolves.toMatchObject({ code: 1 });
  });

  test('what git says is escaped, and told in one line', async () => {
    const { place } = await open(tempRepo().dir);
    const failed = runGit(place, ['cat-file', '-t', '\u001b[31mred']);
    await expect(failed).rejects.toThrow(SnapshotError);
    await expect(failed).rejects.toMatchObject({ message: expect.stringMatching(/^[ -~]*$/) });
  });

  test('more input than a pipe holds, to a git that does not read it, is no crash', async () => {
    const { place } = await open(tempRepo().dir);
    const { stdout } = await runGit(place, ['--version'], { stdin: Buffer.alloc(1 << 22) });
    expect(stdout.toString()).toMatch(/^git version/);
  });
});

describe('git is asked', () => {
  test('for its configuration', async () => {
    const { dir, git } = tempRepo();
    git('config', '--add', 'some.key', 'one\ntwo');
    git('config', '--add', 'some.key', 'three=3');
    writeFileSync(join(dir, '.git/config'), '[sub "Section"]\n\tflag\n', { flag: 'a' });
    const config = await readConfig(await open(dir));
    expect(config.get('some.key')).toEqual(['one\ntwo', 'three=3']);
    expect(config.get('sub.Section.flag')).toEqual(['true']);
  });

  test('how durable writes are to be', async () => {
    const { dir, git } = tempRepo();
    expect(durabilityOf(await readConfig(await open(dir)))).toEqual(DURABLE);
    git('config', 'core.fsync', 'committed');
    expect(durabilityOf(await readConfig(await open(dir)))).toEqual({ fsync: true, coreFsync: null });
    git('config', 'core.fsync', 'none');
    expect(durabilityOf(await readConfig(await open(dir)))).toEqual({ fsync: false, coreFsync: null });
  });

  test('who is at work, just as git says', async () => {
    const { dir, git } = tempRepo();
    const who = async (env: NodeJS.ProcessEnv) => {
      const repository = await open(dir, env);
      return committerIdentity(repository, await readConfig(repository));
    };
    const none = { GIT_COMMITTER_NAME: undefined, GIT_COMMITTER_EMAIL: undefined };
    const zoe = { GIT_COMMITTER_NAME: 'Zoë <>', GIT_COMMITTER_EMAIL: 'zoe@example.org' };
    expect(await who(zoe)).toEqual({ name: 'Zoë', email: 'zoe@example.org' });
    git('config', 'user.useConfigOnly', 'true');
    await expect(who(none)).rejects.toMatchObject({ kind: 'config' });
    git('config', 'user.name', 'Ada Example');
    git('config', 'user.email', 'ada@example.org');
    expect(await who(none)).toEqual({ name: 'Ada Example', email: 'ada@example.org' });
    git('config', 'committer.name', 'Build 7');
    for (const name of [
      'Zoë',
      'J. R. O’Neil',
      'J. R. Neil Jr.',
      ' Ada ',
      'A,',
      '.',
      '',
      '漢 字',
      "O'Neil",
      'a\tb',
      undefined,
    ]) {
      for (const email of ['a@b', 'a.b+c@d-e.org', 'a@b.', ' a@b ', 'a', '', undefined]) {
        const env = { GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
        const told = await who(env).catch(() => undefined);
        const environment = { ...process.env, ...env };
        const asked = spawnSync('git', ['var', 'GIT_COMMITTER_IDENT'], {
          cwd: dir,
          env: environment,
          encoding: 'utf8',
        });
        const said = asked.status === 0 ? asked.stdout.replace(/ \d+ [+-]\d+\n$/, '') : undefined;
        expect(told && `${told.name} <${told.email}>`, `${name} <${email}>`).toBe(said);
      }
    }
  });

  test('what HEAD is, and whether tracked files differ', async () => {
    const { dir, git } = tempRepo();
    expect(await headState(await open(dir))).toBe(null);
    writeFileSync(join(dir, 'file'), 'one');
    git('add', 'file');
    git('commit', '-q', '-m', 'one');
    const commit = git('rev-parse', 'HEAD');
    writeFileSync(join(dir, 'untracked'), 'x');
    expect(await headState(await open(dir))).toEqual({ commit, dirty: false });
    writeFileSync(join(dir, 'file'), 'other');
    expect(await headState(await open(dir))).toEqual({ commit, dirty: true });
    git('checkout', '-q', '--detach', '-f');
    expect(await headState(await open(dir))).toEqual({ commit, dirty: false });
    expect(await headState(await open(join(dir, '.git')))).toEqual({ commit, dirty: false });
  });

  test('without running a filter that the repository configures', async () => {
    const { dir, git } = tempRepo();
    const canary = join(tempDir(), 'ran');
    writeFileSync(join(dir, 'file'), 'one');
    git('add', 'file');
    git('commit', '-q', '-m', 'one');
    git('config', 'filter.a=b.clean', `touch '${canary}'; cat`);
    git('config', 'filter.a=b.required', 'true');
    writeFileSync(join(dir, '.git/info/attributes'), '* filter=a=b\n');
    writeFileSync(join(dir, 'file'), 'two');
    expect(await headState(await open(dir))).toMatchObject({ dirty: true });
    expect(existsSync(canary)).toBe(false);
    git('status');
    // It is a filter that git would run.
    expect(existsSync(canary)).toBe(true);
  });

  test('from where it still can, when the directory it was started in is gone', async () => {
    const { dir } = tempRepo();
    const below = join(dir, 'below');
    mkdirSync(below);
    const repository = await open(below);
    rmdirSync(below);
    expect(await headState(repository)).toBe(null);
  });

  test('about remotes, in a linked working tree too', async () => {
    const { git } = tempRepo();
    git('remote', 'add', 'origin', 'https://example.org/r.git');
    git('commit', '-q', '--allow-empty', '-m', 'one');
    const linked = join(tempDir(), 'linked');
    git('worktree', 'add', '-q', '-b', 'side', linked);
    const repository = await open(linked);
    expect(await listRemotes(repository)).toEqual([{ name: 'origin', fetchUrl: 'https://example.org/r.git' }]);
  });
});
