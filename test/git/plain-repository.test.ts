import { execFileSync } from 'node:child_process';
import {
  accessSync,
  appendFileSync,
  chmodSync,
  constants,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { findPlainRepository } from '../../src/git/plain-repository.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

const find = (cwd: string, env: NodeJS.ProcessEnv = {}) => findPlainRepository({ cwd, env });

/** Where git finds the top of the working tree. */
function askGit(cwd: string): string {
  return execFileSync('git', ['rev-parse', '--show-toplevel'], { cwd, encoding: 'utf8' }).trimEnd();
}

describe('what git would find is found', () => {
  test('from the top, from below, and through a link', () => {
    const { dir, git } = tempRepo();
    git('remote', 'add', 'origin', 'https://example.org/r.git');
    git('config', 'user.name', 'Ada Example');
    mkdirSync(join(dir, 'a/b'), { recursive: true });
    const link = join(tempDir(), 'link');
    symlinkSync(join(dir, 'a'), link);
    for (const cwd of [dir, join(dir, 'a/b'), link]) expect(find(cwd)).toEqual({ topLevel: askGit(cwd) });
  });

  test('with a commit checked out by its name', () => {
    const { dir, git } = tempRepo();
    git('commit', '-q', '--allow-empty', '-m', 'one');
    git('checkout', '-q', '--detach');
    expect(find(dir)).toEqual({ topLevel: askGit(dir) });
  });

  test('whatever is said of people, programs and configuration', () => {
    const { dir } = tempRepo();
    const env = {
      GIT_AUTHOR_NAME: 'Ada',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'a.b',
      GIT_SSH_COMMAND: 'ssh',
      PATH: '',
    };
    expect(find(dir, env)).toEqual({ topLevel: dir });
  });
});

describe('git is asked', () => {
  test.each([
    'GIT_DIR',
    'GIT_WORK_TREE',
    'GIT_COMMON_DIR',
    'GIT_OBJECT_DIRECTORY',
    'GIT_CEILING_DIRECTORIES',
    'GIT_DISCOVERY_ACROSS_FILESYSTEM',
    'GIT_NAMESPACE',
    'GIT_QUARANTINE_PATH',
    'GIT_SHALLOW_FILE',
    'GIT_TEST_ASSUME_DIFFERENT_OWNER',
    'GIT_OF_A_LATER_VERSION',
  ])('where %s is set', (name) => {
    expect(find(tempRepo().dir, { [name]: '/elsewhere' })).toBeUndefined();
  });

  test('outside of a repository, in a missing directory, and in the git directory', () => {
    expect(find(tempDir())).toBeUndefined();
    expect(find(join(tempDir(), 'none'))).toBeUndefined();
    const { dir } = tempRepo();
    expect(find(join(dir, '.git'))).toBeUndefined();
    expect(find(join(dir, '.git/refs'))).toBeUndefined();
  });

  test('about a bare one, also one that lies in another', () => {
    const { dir } = tempRepo();
    const bare = join(dir, 'inner.git');
    execFileSync('git', ['init', '-q', '--bare', bare]);
    expect(find(bare)).toBeUndefined();
    expect(find(join(bare, 'refs'))).toBeUndefined();
  });

  test('about other formats, linked working trees and submodules', () => {
    expect(find(tempRepo('--object-format=sha256').dir)).toBeUndefined();
    const { dir, git } = tempRepo();
    git('commit', '-q', '--allow-empty', '-m', 'one');
    const linked = join(tempDir(), 'linked');
    git('worktree', 'add', '-q', '-b', 'side', linked);
    expect(find(linked)).toBeUndefined();
    const { dir: outer, git: outerGit } = tempRepo();
    outerGit('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', dir, 'inner');
    expect(find(join(outer, 'inner'))).toBeUndefined();
  });

  test('about a shallow one', () => {
    const { dir, git } = tempRepo();
    git('commit', '-q', '--allow-empty', '-m', 'one');
    git('commit', '-q', '--allow-empty', '-m', 'two');
    const clone = join(tempDir(), 'clone');
    execFileSync('git', ['clone', '-q', '--depth=1', `file://${dir}`, clone]);
    expect(find(clone)).toBeUndefined();
  });

  test.each([
    ['a working tree elsewhere', '[core]\n\tworktree = /elsewhere\n'],
    ['a bare one after all', '[core]\n\tbare = true\n'],
    ['another format', '[core]\n\trepositoryformatversion = 1\n'],
    ['an extension', '[extensions]\n\tnoop = true\n'],
    ['a value that goes on', '[core]\n\teditor = a \\\n b\n'],
    ['a quoted one', '[core]\n\teditor = "a"\n'],
    ['two settings in one line', '[core] filemode = false\n'],
    ['what is no configuration', 'nonsense here\n'],
    ['no end of line', '[core]'],
    ['a mark of byte order', '\ufeff[core]\n'],
  ])('where the configuration has %s', (_, text) => {
    const { dir } = tempRepo();
    appendFileSync(join(dir, '.git/config'), text);
    expect(find(dir)).toBeUndefined();
  });

  test.each<[string, (gitDir: string) => void]>([
    ['no objects', (gitDir) => rmSync(join(gitDir, 'objects'), { recursive: true })],
    ['no refs', (gitDir) => rmSync(join(gitDir, 'refs'), { recursive: true })],
    ['no configuration', (gitDir) => rmSync(join(gitDir, 'config'))],
    ['an empty HEAD', (gitDir) => writeFileSync(join(gitDir, 'HEAD'), '')],
    ['a HEAD to something that is no ref', (gitDir) => writeFileSync(join(gitDir, 'HEAD'), 'ref: elsewhere\n')],
    ['objects that are linked', (gitDir) => linkAway(join(gitDir, 'objects'))],
    ['a link instead of it', linkAway],
  ])('where the git directory has %s', (_, spoil) => {
    const { dir } = tempRepo();
    spoil(join(dir, '.git'));
    expect(find(dir)).toBeUndefined();
  });

  test('where another user owns it', () => {
    const { dir } = tempRepo();
    expect(find(dir)).toBeDefined();
    const own = process.geteuid?.() ?? 0;
    const asked = vi.spyOn(process, 'geteuid').mockReturnValue(own + 1);
    onTestFinished(() => asked.mockRestore());
    expect(find(dir)).toBeUndefined();
  });

  test('where it may not be entered', () => {
    const { dir } = tempRepo();
    chmodSync(join(dir, '.git/objects'), 0o600);
    // Root may enter it all the same.
    expect(find(dir) === undefined).toBe(!accessible(join(dir, '.git/objects')));
  });
});

function accessible(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function linkAway(path: string): void {
  renameSync(path, `${path}-away`);
  symlinkSync(`${path}-away`, path);
}
