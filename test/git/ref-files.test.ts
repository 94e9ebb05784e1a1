import { spawn } from 'node:child_process';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRepository } from '../../src/git/open-repository.ts';
import { readRefFiles } from '../../src/git/refs/read-ref-files.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

const PREFIXES = [
  'refs/snapshots/',
  'refs/snapshots/a/',
  'refs/snapshots/a/one',
  'refs/notes/snapshots',
  'refs/heads/',
];

/** A repository with loose and packed refs, some that are both, and names that sort next to one another. */
function repoWithRefs(...init: string[]) {
  const repo = tempRepo(...init);
  const { git } = repo;
  git('commit', '-q', '--allow-empty', '-m', 'one');
  git('commit', '-q', '--allow-empty', '-m', 'two');
  git('tag', '-a', '-m', 'tag', 'annotated');
  const put = (names: string[], what: string) => {
    for (const name of names) git('update-ref', `refs/${name}`, what);
  };
  put(['snapshots/a/one', 'snapshots/a/two', 'snapshots/a-b/x', 'snapshots/a.b/y', 'notes/snapshots'], 'annotated');
  put(['snapshotsx/z'], 'HEAD');
  git('pack-refs', '--all', '--prune');
  put(['snapshots/a/two', 'snapshots/a/three', 'snapshots/b/deep/er'], 'HEAD~1');
  return repo;
}

const open = (cwd: string, env: NodeJS.ProcessEnv = {}) => openRepository({ cwd, env: { ...process.env, ...env } });

/** What git says. */
function refsOf(git: (...args: string[]) => string, prefix: string) {
  const lines = git('for-each-ref', '--format=%(objectname) %(refname)', prefix).split('\n');
  return lines.filter((line) => line !== '').map((line) => ({ oid: line.split(' ')[0], name: line.split(' ')[1] }));
}

test.each(['sha1', 'sha256'])('refs are read as git reads them (%s)', async (format) => {
  const { dir, git } = repoWithRefs(`--object-format=${format}`);
  const repository = await open(dir);
  for (const prefix of PREFIXES) expect(readRefFiles(repository, prefix), prefix).toEqual(refsOf(git, prefix));
  git('pack-refs', '--all', '--prune');
  for (const prefix of PREFIXES) expect(readRefFiles(repository, prefix), prefix).toEqual(refsOf(git, prefix));
  expect(readRefFiles(repository, 'refs/snapshots/none')).toEqual([]);
  expect(readRefFiles(repository, 'refs/snapshots/a/on')).toEqual([]);
  rmSync(join(dir, '.git/packed-refs'));
  expect(readRefFiles(repository, 'refs/snapshots/')).toEqual([]);
});

test('a linked working tree has the same', async () => {
  const { dir, git } = repoWithRefs();
  const linked = join(tempDir(), 'linked');
  git('worktree', 'add', '-q', '--detach', linked);
  expect(readRefFiles(await open(linked), 'refs/snapshots/')).toEqual(readRefFiles(await open(dir), 'refs/snapshots/'));
});

test('what is not plain is left to git', async () => {
  const spoil: Record<string, (gitDir: string) => void> = {
    'a symbolic ref': (gitDir) => writeFileSync(join(gitDir, 'refs/snapshots/a/s'), 'ref: refs/heads/main\n'),
    'a link': (gitDir) => symlinkSync('three', join(gitDir, 'refs/snapshots/a/s')),
    'a linked directory': (gitDir) => symlinkSync('b', join(gitDir, 'refs/snapshots/c')),
    'no name of an object': (gitDir) => writeFileSync(join(gitDir, 'refs/snapshots/a/s'), 'garbage\n'),
    'the null name': (gitDir) => writeFileSync(join(gitDir, 'refs/snapshots/a/s'), `${'0'.repeat(40)}\n`),
    'more than one line': (gitDir) => writeFileSync(join(gitDir, 'refs/snapshots/a/s'), `${'a'.repeat(40)}\n\n`),
    'an odd name': (gitDir) => writeFileSync(join(gitDir, 'refs/snapshots/a/s..t'), `${'a'.repeat(40)}\n`),
    'a packed file of old': (gitDir) => writeFileSync(join(gitDir, 'packed-refs'), '# pack-refs with: peeled \n'),
    'a packed file that is cut off': (gitDir) =>
      writeFileSync(
        join(gitDir, 'packed-refs'),
        `# pack-refs with: peeled fully-peeled sorted \n${'a'.repeat(40)} refs/snapshots/a/one`,
      ),
    'a packed name that is none': (gitDir) =>
      writeFileSync(
        join(gitDir, 'packed-refs'),
        `# pack-refs with: peeled fully-peeled sorted \n${'x'.repeat(40)} refs/snapshots/a/one\n`,
      ),
    'another way to keep refs': (gitDir) =>
      writeFileSync(join(gitDir, 'config'), '[extensions]\n\trefStorage = reftable\n'),
  };
  for (const [what, damage] of Object.entries(spoil)) {
    const { dir } = repoWithRefs();
    const repository = await open(dir);
    expect(readRefFiles(repository, 'refs/snapshots/'), what).toHaveLength(6);
    damage(join(dir, '.git'));
    expect(readRefFiles(repository, 'refs/snapshots/'), what).toBe(undefined);
  }
});

test('refs that a working tree may have for itself are left to git', async () => {
  const { dir } = repoWithRefs();
  const repository = await open(dir);
  for (const prefix of ['refs/', 'refs/worktree/', 'refs/bisect/x', 'HEAD'])
    expect(readRefFiles(repository, prefix), prefix).toBe(undefined);
  const other = await open(dir, { GIT_REFERENCE_BACKEND: 'reftable' });
  expect(readRefFiles(other, 'refs/snapshots/')).toBe(undefined);
});

test('a ref being written, or packed at that moment, is not missed', async () => {
  const { dir, git } = repoWithRefs();
  const repository = await open(dir);
  const before = refsOf(git, 'refs/snapshots/');
  writeFileSync(join(dir, '.git/refs/snapshots/a/four.lock'), '');
  expect(readRefFiles(repository, 'refs/snapshots/')).toEqual(before);
  rmSync(join(dir, '.git/refs/snapshots/a/four.lock'));
  // Packs and unpacks as often as it can, while we look.
  const loop = 'for i in $(seq 40); do git pack-refs --all --prune; git update-ref refs/snapshots/a/two HEAD~1; done';
  const packing = spawn('sh', ['-c', loop], { cwd: dir, stdio: 'ignore' });
  let over = false;
  packing.on('close', () => {
    over = true;
  });
  while (!over) {
    for (let i = 0; i < 20; i++) expect(readRefFiles(repository, 'refs/snapshots/')).toEqual(before);
    await new Promise((resolve) => setImmediate(resolve));
  }
});
