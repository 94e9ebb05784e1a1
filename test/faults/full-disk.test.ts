import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { existing, fsck, type GovernedRepo, look } from '../support/governed-repo.ts';
import { tempDir } from '../support/temp-repo.ts';

it('a disk that is full stops it with nothing changed', async () => {
  const disk = tempDir();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk]).status === 0;
  // Without the right to mount, the system calls above are all there is.
  if (!mounted) return process.stderr.write('cannot mount a small disk here\n');
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

async function refused(repo: GovernedRepo, words: readonly string[]): Promise<void> {
  const run = await repo.run(words);
  expect([3, 5, 8], `${words.join(' ')}: ${run.stdout}${run.stderr}`).toContain(run.code);
}
