import { execFileSync, spawnSync } from 'node:child_process';
import {
  accessSync,
  appendFileSync,
  chmodSync,
  chownSync,
  constants,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openRepository } from '../../src/git/open-repository.ts';
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

  test('about a directory of another user in it, and git does not trust that', async () => {
    const { dir } = tempRepo();
    await expect(
      openRepository({ cwd: dir, env: { ...process.env, GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' } }),
    ).rejects.toMatchObject({ kind: 'config', hint: expect.stringContaining('safe.directory') });
    // Only root can give a directory away.
    if (process.geteuid?.() !== 0) return;
    for (const path of [dir, join(dir, '.git')]) {
      chownSync(path, 65_534, 65_534);
      expect(find(dir)).toBeUndefined();
      await expect(openRepository({ cwd: dir, env: process.env })).rejects.toMatchObject({ kind: 'config' });
      chownSync(path, 0, 0);
    }
    expect(find(dir)).toBeDefined();
  });

  test('where it may not be entered', () => {
    const { dir } = tempRepo();
    chmodSync(join(dir, '.git/objects'), 0o600);
    // Root may enter it all the same.
    expect(find(dir) === undefined).toBe(!accessible(join(dir, '.git/objects')));
  });
});

/** What git says of a place, and what is said of it without git where it is found. */
function bothSay(cwd: string): { git: string | undefined; here: string | undefined } {
  const args = ['rev-parse', '--show-object-format', '--is-shallow-repository', '--path-format=absolute'];
  args.push('--git-dir', '--git-common-dir', '--git-path', 'objects', '--show-toplevel');
  const { status, stdout } = spawnSync('git', args, { cwd, encoding: 'utf8' });
  const found = find(cwd);
  if (found === undefined) return { git: status === 0 ? stdout : undefined, here: undefined };
  const gitDir = `${found.topLevel}/.git`;
  const here = ['sha1', 'false', gitDir, gitDir, `${gitDir}/objects`, found.topLevel, ''].join('\n');
  return { git: status === 0 ? stdout : undefined, here };
}

/** What may be between a directory and the repository that it lies in. Each is made in `inner`, which is in that repository. */
const IN_THE_WAY: Readonly<Record<string, (inner: string) => void>> = {
  nothing: () => {},
  'a file .git that says nothing': (inner) => writeFileSync(join(inner, '.git'), ''),
  'a file .git that leads nowhere': (inner) => writeFileSync(join(inner, '.git'), 'gitdir: /nowhere\n'),
  'a file .git that leads back': (inner) => writeFileSync(join(inner, '.git'), 'gitdir: ../.git\n'),
  'a link .git that leads nowhere': (inner) => symlinkSync('nowhere', join(inner, '.git')),
  'a link .git that leads back': (inner) => symlinkSync('../.git', join(inner, '.git')),
  'an empty directory .git': (inner) => mkdirSync(join(inner, '.git')),
  'a directory .git with a HEAD alone': (inner) => {
    mkdirSync(join(inner, '.git'));
    writeFileSync(join(inner, '.git/HEAD'), 'ref: refs/heads/main\n');
  },
  'a repository': (inner) => void execFileSync('git', ['init', '-q', inner]),
  'a repository with other names': (inner) => void execFileSync('git', ['init', '-q', '--object-format=sha256', inner]),
  'a bare repository': (inner) => void execFileSync('git', ['init', '-q', '--bare', inner]),
  'a bare repository whose HEAD is a link to no ref': (inner) => {
    execFileSync('git', ['init', '-q', '--bare', inner]);
    rmSync(join(inner, 'HEAD'));
    symlinkSync('refs/heads/main', join(inner, 'HEAD'));
  },
  'a bare repository whose HEAD is a link that leads elsewhere': (inner) => {
    execFileSync('git', ['init', '-q', '--bare', inner]);
    rmSync(join(inner, 'HEAD'));
    symlinkSync('/nowhere/HEAD', join(inner, 'HEAD'));
  },
  'a file HEAD': (inner) => writeFileSync(join(inner, 'HEAD'), 'ref: refs/heads/main\n'),
  'a repository with a link commondir to nowhere': (inner) => {
    execFileSync('git', ['init', '-q', inner]);
    symlinkSync('nowhere', join(inner, '.git/commondir'));
  },
  'a repository with a link shallow to nowhere': (inner) => {
    execFileSync('git', ['init', '-q', inner]);
    symlinkSync('nowhere', join(inner, '.git/shallow'));
  },
  'a repository whose HEAD is a link': (inner) => {
    execFileSync('git', ['init', '-q', inner]);
    rmSync(join(inner, '.git/HEAD'));
    symlinkSync('refs/heads/main', join(inner, '.git/HEAD'));
  },
  'a repository whose settings are said in other words': (inner) => {
    execFileSync('git', ['init', '-q', inner]);
    writeFileSync(join(inner, '.git/config'), '[core]\n\trepositoryformatversion = 0\n\tbare = no\n');
  },
  'a repository with settings elsewhere': (inner) => {
    execFileSync('git', ['init', '-q', inner]);
    writeFileSync(join(inner, '.git/more'), '[core]\n\tworktree = /nowhere\n\tbare = true\n');
    appendFileSync(join(inner, '.git/config'), '[include]\n\tpath = more\n');
  },
};

describe('nothing else is found than git finds', () => {
  test.each(Object.entries(IN_THE_WAY))('past %s', (name, make) => {
    const { dir } = tempRepo();
    const inner = join(dir, 'inner');
    mkdirSync(join(inner, 'below'), { recursive: true });
    make(inner);
    for (const cwd of [inner, join(inner, 'below')]) {
      const { git, here } = bothSay(cwd);
      if (here !== undefined) expect(here).toBe(git);
      if (name === 'nothing') expect(here).toBe(git);
    }
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
