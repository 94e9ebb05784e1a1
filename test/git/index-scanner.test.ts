import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gitIndexScanner } from '../../src/git/index-scanner.ts';
import { openRepository } from '../../src/git/open-repository.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

/** A directory with files of an hour ago, and an index of it that is not in the repository's own place. */
function scanned(dir: string, names: string[]): { root: string; index: string } {
  const root = tempDir();
  const index = join(tempDir(), 'index');
  for (const name of names) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), `content of ${name}`);
    utimesSync(join(root, name), 1_700_000_000, 1_700_000_000);
  }
  const env = { ...process.env, GIT_INDEX_FILE: index, GIT_DIR: join(dir, '.git'), GIT_WORK_TREE: root };
  execFileSync('git', ['add', '-f', '-A', '.'], { cwd: root, env });
  return { root, index };
}

async function scanner(dir: string, env: NodeJS.ProcessEnv = {}) {
  return gitIndexScanner(await openRepository({ cwd: dir, env: { ...process.env, ...env } }));
}

test.each(['sha1', 'sha256'])('only what differs is found, by bytes (%s)', async (format) => {
  const { dir } = tempRepo(`--object-format=${format}`);
  const names = ['same', 'touched', 'gone', 'mode', 'to-link', 'to-dir', 'to-repo', 'd/café', 'with space'];
  const { root, index } = scanned(dir, names);
  const { differences } = await scanner(dir);
  expect(await differences(index, root)).toEqual([]);

  utimesSync(join(root, 'touched'), 1_700_000_001, 1_700_000_001);
  rmSync(join(root, 'gone'));
  chmodSync(join(root, 'mode'), 0o755);
  for (const name of ['to-link', 'to-dir', 'to-repo']) rmSync(join(root, name));
  symlinkSync('x', join(root, 'to-link'));
  mkdirSync(join(root, 'to-dir'));
  execFileSync('git', ['init', '-q', join(root, 'to-repo')]);
  writeFileSync(join(root, 'd/café'), 'other');
  expect(await differences(index, root)).toEqual([
    { path: 'd/caf\xc3\xa9', deleted: false },
    { path: 'gone', deleted: true },
    { path: 'mode', deleted: false },
    { path: 'to-dir', deleted: true },
    { path: 'to-link', deleted: false },
    { path: 'to-repo', deleted: true },
    { path: 'touched', deleted: false },
  ]);
});

test('settings of the repository, the user and the environment do not hide a difference, and run nothing', async () => {
  const { dir, git } = tempRepo();
  const { root, index } = scanned(dir, ['a.txt', 'b.txt']);
  const ran = join(tempDir(), 'ran');
  git('config', 'core.fileMode', 'false');
  git('config', 'core.checkStat', 'minimal');
  git('config', 'core.trustctime', 'false');
  git('config', 'core.fsmonitor', `touch ${ran}; true`);
  git('config', 'filter.evil.clean', `touch ${ran}; cat`);
  git('config', 'filter.evil.process', `touch ${ran}; cat`);
  writeFileSync(join(dir, '.git/info/attributes'), '* filter=evil\n');
  writeFileSync(join(root, '.gitattributes'), '* filter=evil text eol=crlf\n');
  chmodSync(join(root, 'a.txt'), 0o755);
  // As large and as old as it was: only its inode and its ctime tell.
  writeFileSync(join(root, 'new'), 'Content of b.txt');
  utimesSync(join(root, 'new'), 1_700_000_000, 1_700_000_000);
  renameSync(join(root, 'new'), join(root, 'b.txt'));
  const { differences } = await scanner(dir, {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.fileMode',
    GIT_CONFIG_VALUE_0: 'false',
  });
  expect((await differences(index, root)).map(({ path }) => path)).toEqual(['a.txt', 'b.txt']);
  expect(existsSync(ran)).toBe(false);
  git('fsck');
});

test('a racy entry is compared by its bytes, through no filter', async () => {
  const { dir, git } = tempRepo();
  const { root, index } = scanned(dir, ['a\r\n$Id: x$\r\n']);
  const ran = join(tempDir(), 'ran');
  git('config', 'filter.evil.clean', `touch ${ran}; cat`);
  // Each of these would make other bytes of the file before it is compared.
  writeFileSync(join(root, '.gitattributes'), '* filter=evil text ident eol=crlf working-tree-encoding=UTF-16\n');
  // An index as old as the file: git must look into the file to be sure.
  utimesSync(index, 1_700_000_000, 1_700_000_000);
  const { differences } = await scanner(dir);
  expect(await differences(index, root)).toEqual([]);
  expect(existsSync(ran)).toBe(false);
});

test('in a linked working tree, and at once from many', async () => {
  const { dir, git } = tempRepo();
  git('commit', '-q', '--allow-empty', '-m', 'one');
  const linked = join(tempDir(), 'linked');
  git('worktree', 'add', '-q', '-b', 'side', linked);
  const { root, index } = scanned(dir, ['a']);
  const { differences } = await scanner(linked);
  expect(await Promise.all(Array.from({ length: 8 }, () => differences(index, root)))).toEqual(Array(8).fill([]));
});

test('an index that is none is an error', async () => {
  const { dir } = tempRepo();
  const { root, index } = scanned(dir, ['a']);
  writeFileSync(index, 'this is no index at all');
  const { differences } = await scanner(dir);
  await expect(differences(index, root)).rejects.toMatchObject({ kind: 'git' });
  await expect(differences(index, join(root, 'none'))).rejects.toMatchObject({ kind: 'not-found' });
});

test('a directory of settings that was meddled with is made anew', async () => {
  const { dir } = tempRepo();
  const { root, index } = scanned(dir, ['a.txt']);
  const ran = join(tempDir(), 'ran');
  const { differences } = await scanner(dir);
  await differences(index, root);
  const settings = join(dir, '.git/snapshot/scanner-1.git');
  for (const [file, text] of [
    ['config', `[filter "evil"]\n\tclean = touch '${ran}'; cat\n`],
    ['info/attributes', '* filter=evil\n'],
    ['commondir', `${dir}/elsewhere\n`],
  ] as const) {
    writeFileSync(join(settings, file), text, { flag: 'a' });
    writeFileSync(join(root, 'a.txt'), 'other content!');
    // An entry as new as the index has its content compared, and so would be filtered.
    utimesSync(index, 1_700_000_000, 1_700_000_000);
    expect((await differences(index, root)).map(({ path }) => path)).toEqual(['a.txt']);
    expect(existsSync(ran)).toBe(false);
  }
  expect(existsSync(join(settings, 'commondir'))).toBe(false);
});
