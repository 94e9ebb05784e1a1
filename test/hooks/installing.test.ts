import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOOKS_DOCUMENTS } from '../../src/cli/schemas/hooks-documents.ts';
import { HOOK, HOOKS } from '../../src/cli/specs/hooks.ts';
import { GOVERNED_ROOTS, isClientRef } from '../../src/core/share/governed-refs.ts';
import { HOOK_NAMES } from '../../src/core/share/hook-input.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';
import { fingerprint, gitIn, hooks, writeScript } from './hooked-repo.ts';

const SCRIPTS = join(import.meta.dirname, '../../hooks');

async function statusOf(cwd: string, ...args: string[]) {
  const { stdout, code } = await hooks(cwd, 'status', '--json', ...args);
  const document = HOOKS_DOCUMENTS['hooks status'].parse(JSON.parse(stdout));
  const states = Object.fromEntries(document.hooks.map(({ name, state, runs }) => [name, runs ? state : `${state}!`]));
  return { code, document, states };
}

test('the scripts, the specs and the core name the same hooks and refs', () => {
  expect(HOOK.positionals[0].choices).toEqual(HOOK_NAMES);
  expect(HOOKS.options[1].choices).toEqual(HOOK_NAMES);
  for (const name of HOOK_NAMES) {
    const named = readFileSync(join(SCRIPTS, name), 'utf8').match(/(?<=' )refs\/[a-z/-]+(?='\$end\*)/g);
    // What is for clones alone is nothing that a server takes, nor what replaces objects.
    const isForClones = (ref: string) => isClientRef(ref) || ref === 'refs/replace';
    expect([name, named?.filter((root) => !isForClones(root))]).toEqual([name, [...GOVERNED_ROOTS]]);
    expect([name, named?.filter(isForClones).length]).toEqual([name, name === 'pre-receive' ? 3 : 0]);
    const pattern = / refs\/\((.*)\)\(\/\|\$\)/.exec(readFileSync(join(SCRIPTS, name), 'utf8'))?.[1];
    if (name === 'reference-transaction')
      expect(pattern?.split('|').map((root) => `refs/${root}`)).toEqual(GOVERNED_ROOTS);
    expect(statSync(join(SCRIPTS, name)).mode & 0o111).toBe(0o111);
  }
});

describe('where git looks for hooks', () => {
  test('a clone gets two, a bare repository one, and they go without a trace', async () => {
    const repo = tempRepo();
    const before = fingerprint(join(repo.dir, '.git/hooks'));
    expect(await statusOf(repo.dir)).toMatchObject({ code: 1, states: { 'pre-push': 'absent!' } });
    expect((await hooks(repo.dir)).stderr).toContain('hint: Run "git snapshot hooks install".\n');
    const { code, stdout } = await hooks(repo.dir, 'install');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'installed  pre-push\ninstalled  reference-transaction\n' });
    expect(await statusOf(repo.dir)).toMatchObject({
      code: 0,
      states: { 'pre-push': 'current', 'pre-receive': 'absent!', 'reference-transaction': 'current' },
    });
    expect((await statusOf(repo.dir, '--server')).code).toBe(1);
    const once = fingerprint(join(repo.dir, '.git/hooks'));
    expect((await hooks(repo.dir, 'install')).stdout).toBe('unchanged  pre-push\nunchanged  reference-transaction\n');
    expect(fingerprint(join(repo.dir, '.git/hooks'))).toEqual(once);
    expect((await hooks(repo.dir, 'uninstall')).stdout).toBe('removed    pre-push\nremoved    reference-transaction\n');
    expect(fingerprint(join(repo.dir, '.git/hooks'))).toEqual(before);
    expect((await hooks(repo.dir, 'uninstall')).stderr).toBe('no hook of git-snapshot is here\n');

    const bare = tempRepo('--bare');
    expect((await hooks(bare.dir, 'install')).stdout).toBe(
      'installed  pre-receive\ninstalled  reference-transaction\n',
    );
    expect(existsSync(join(bare.dir, 'hooks/pre-receive'))).toBe(true);
    expect((await statusOf(bare.dir)).states).toMatchObject({
      'pre-receive': 'current',
      'reference-transaction': 'current',
    });
  });

  test('the directory is made where there is none, and goes again', async () => {
    const repo = tempRepo('--template=');
    expect(existsSync(join(repo.dir, '.git/hooks'))).toBe(false);
    await hooks(repo.dir, 'install');
    expect((await statusOf(repo.dir)).code).toBe(0);
    await hooks(repo.dir, 'uninstall');
    expect(existsSync(join(repo.dir, '.git/hooks'))).toBe(false);
  });

  test('linked working trees and submodules', async () => {
    const repo = tempRepo();
    repo.git('commit', '-q', '--allow-empty', '-m', 'one');
    const linked = join(tempDir(), 'linked');
    repo.git('worktree', 'add', '-q', linked);
    mkdirSync(join(linked, 'sub'));
    expect((await hooks(join(linked, 'sub'), 'install')).code).toBe(0);
    expect(existsSync(join(repo.dir, '.git/hooks/pre-push'))).toBe(true);
    expect((await statusOf(repo.dir)).code).toBe(0);

    const outer = tempRepo();
    outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repo.dir, 'inner');
    await hooks(join(outer.dir, 'inner'), 'install');
    expect(existsSync(join(outer.dir, '.git/modules/inner/hooks/reference-transaction'))).toBe(true);
    expect(gitIn(join(outer.dir, 'inner'), ['update-ref', 'refs/snapshots/a/b', 'HEAD']).stderr).toContain('error: ');
  });

  test('core.hooksPath: inside the git directory, absolute and relative', async () => {
    const repo = tempRepo();
    repo.git('config', 'core.hooksPath', join(repo.dir, '.git/more'));
    expect((await hooks(repo.dir, 'install')).code).toBe(0);
    expect(existsSync(join(repo.dir, '.git/more/pre-push'))).toBe(true);
    const bare = tempRepo('--bare');
    bare.git('config', 'core.hooksPath', 'own-hooks');
    expect((await hooks(bare.dir, 'install')).code).toBe(0);
    expect(existsSync(join(bare.dir, 'own-hooks/pre-receive'))).toBe(true);
    expect((await statusOf(bare.dir)).document.directory).toMatchObject({
      kind: 'own',
      hooksPath: { value: 'own-hooks', scope: 'local' },
    });
  });

  test('core.hooksPath in the working tree or outside is left alone, unless forced', async () => {
    const repo = tempRepo();
    repo.git('config', 'core.hooksPath', '.githooks');
    mkdirSync(join(repo.dir, '.githooks'));
    const untracked = await hooks(repo.dir, 'install');
    expect(untracked.code).toBe(3);
    expect(untracked.stderr).toContain('is in the working tree');
    writeScript(join(repo.dir, '.githooks/pre-commit'), []);
    repo.git('add', '.');
    const versioned = await hooks(repo.dir, 'install');
    expect(versioned.code).toBe(3);
    expect(versioned.stderr).toContain('is versioned');
    expect(versioned.stderr).toContain('docs/operations.md');
    expect((await hooks(repo.dir, 'status', '--server')).stderr).toContain(
      '"git snapshot hooks install --server --force"',
    );
    expect(existsSync(join(repo.dir, '.githooks/pre-push'))).toBe(false);
    expect((await hooks(repo.dir, 'install', '--force')).code).toBe(0);
    expect(existsSync(join(repo.dir, '.githooks/pre-push'))).toBe(true);

    repo.git('config', 'core.hooksPath', '/dev/null');
    expect((await hooks(repo.dir, 'install', '--force')).stderr).toContain('hooks are switched off');
    expect((await statusOf(repo.dir)).states).toMatchObject({ 'pre-push': 'absent!' });

    repo.git('config', 'core.hooksPath', '');
    for (const action of [['install', '--force'], ['uninstall'], ['status']]) {
      const { code, stderr } = await hooks(repo.dir, ...action);
      expect(code).toBe(3);
      expect(stderr).toContain('core.hooksPath is empty (local configuration)');
    }

    const elsewhere = tempDir();
    const other = tempRepo();
    gitIn(other.dir, ['config', '--global', 'core.hooksPath', elsewhere]);
    try {
      const global = await hooks(other.dir, 'install');
      expect(global.code).toBe(3);
      expect(global.stderr).toContain('global configuration');
      expect(fingerprint(elsewhere)).toEqual({});
      expect((await hooks(other.dir, 'install', '--force')).code).toBe(0);
      expect((await hooks(other.dir, 'uninstall')).code).toBe(0);
      expect(fingerprint(elsewhere)).toEqual({});
    } finally {
      gitIn(other.dir, ['config', '--global', '--unset', 'core.hooksPath']);
    }
  });
});

describe('a hook that is there', () => {
  test('runs first, decides too, and is back afterwards, whatever it was', async () => {
    const repo = tempRepo();
    const dir = join(repo.dir, '.git/hooks');
    writeScript(join(dir, 'pre-push'), ['exit 7'], 0o700);
    writeScript(join(repo.dir, 'mine'), ['exit 0'], 0o751);
    symlinkSync('../../mine', join(dir, 'reference-transaction'));
    const before = fingerprint(dir);

    const installed = await hooks(repo.dir, 'install');
    expect(installed.stdout).toContain('installed  pre-push, after the hook that was there\n');
    expect((await statusOf(repo.dir)).document.hooks).toMatchObject([
      { before: { runs: true } },
      {},
      { before: { runs: true } },
    ]);
    expect((await hooks(repo.dir, 'install')).stdout).toContain('unchanged  pre-push\n');
    expect((await hooks(repo.dir, 'uninstall')).stdout).toBe('restored   pre-push\nrestored   reference-transaction\n');
    expect(fingerprint(dir)).toEqual(before);
  });

  test('that may not be executed stays so', async () => {
    const repo = tempRepo();
    const dir = join(repo.dir, '.git/hooks');
    writeScript(join(dir, 'pre-push'), ['exit 7'], 0o644);
    const before = fingerprint(dir);
    expect((await hooks(repo.dir, 'install')).stderr).toContain('may not be executed');
    const remote = tempRepo('--bare');
    repo.git('commit', '-q', '--allow-empty', '-m', 'one');
    expect(gitIn(repo.dir, ['push', '-q', remote.dir, 'main']).code).toBe(0);
    await hooks(repo.dir, 'uninstall');
    expect(fingerprint(dir)).toEqual(before);
  });

  test('of ours that somebody changed is neither replaced nor removed', async () => {
    const repo = tempRepo();
    await hooks(repo.dir, 'install');
    const file = join(repo.dir, '.git/hooks/pre-push');
    appendFileSync(file, 'echo more\n');
    const before = fingerprint(join(repo.dir, '.git/hooks'));
    expect((await statusOf(repo.dir)).states).toMatchObject({ 'pre-push': 'changed' });
    expect((await hooks(repo.dir)).stderr).toContain(`(rm '${file}'), and run "git snapshot hooks install"`);
    for (const action of ['install', 'uninstall']) {
      const { code, stderr } = await hooks(repo.dir, action);
      expect(code).toBe(5);
      expect(stderr).toContain('was changed since it was installed');
    }
    expect(fingerprint(join(repo.dir, '.git/hooks'))).toEqual(before);
    // Lines before ours do not hide whose it is.
    writeFileSync(
      file,
      `#!/bin/sh\n# more\n${readFileSync(join(repo.dir, '.git/hooks/reference-transaction'), 'utf8')}`,
    );
    expect((await statusOf(repo.dir)).states).toMatchObject({ 'pre-push': 'changed' });
  });

  test('of an older version is updated; one that lost its mode gets it back', async () => {
    const repo = tempRepo();
    await hooks(repo.dir, 'install');
    const file = join(repo.dir, '.git/hooks/pre-push');
    const { markScript } = await import('../../src/git/hooks/hook-script.ts');
    writeFileSync(file, markScript('#!/bin/sh\nexit 0\n', { version: '0.0.1', madeDirectory: false }));
    expect((await statusOf(repo.dir)).document).toMatchObject({
      ok: false,
      hooks: [{ state: 'outdated', version: '0.0.1' }, {}, {}],
    });
    chmodSync(join(repo.dir, '.git/hooks/reference-transaction'), 0o644);
    expect((await hooks(repo.dir, 'install')).stdout).toBe('updated    pre-push\nupdated    reference-transaction\n');
    expect((await statusOf(repo.dir)).code).toBe(0);
  });

  test('that another program put over ours calls ours, and not round in a circle', async () => {
    const repo = tempRepo();
    const dir = join(repo.dir, '.git/hooks');
    writeScript(join(dir, 'pre-push'), ['exit 0']);
    const mine = fingerprint(dir)['pre-push'];
    await hooks(repo.dir, 'install');
    renameSync(join(dir, 'pre-push'), join(dir, 'pre-push.legacy'));
    writeScript(join(dir, 'pre-push'), ['"$0.legacy" "$@"']);
    expect((await statusOf(repo.dir)).states).toMatchObject({ 'pre-push': 'nested' });
    expect((await hooks(repo.dir, 'install')).stdout).toContain('unchanged  pre-push\n');
    await hooks(repo.dir, 'uninstall');
    expect(fingerprint(dir)['pre-push.legacy']).toBe(mine);
  });

  test('beside one that was moved is not guessed about; one that alone is left comes back', async () => {
    const repo = tempRepo();
    const dir = join(repo.dir, '.git/hooks');
    writeScript(join(dir, 'pre-push'), ['exit 3']);
    await hooks(repo.dir, 'install');
    writeScript(join(dir, 'pre-push'), ['exit 4']);
    const before = fingerprint(dir);
    expect((await hooks(repo.dir, 'install', '--hook', 'pre-push')).code).toBe(5);
    expect(fingerprint(dir)).toEqual(before);
    rmSync(join(dir, 'pre-push'));
    expect((await hooks(repo.dir, 'uninstall')).stdout).toContain('restored   pre-push\n');
    expect(readFileSync(join(dir, 'pre-push'), 'utf8')).toContain('exit 3');
  });
});
