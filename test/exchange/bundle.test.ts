import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { team, waiting } from '../flows/promotion/team.ts';
import { around, fsck, runApart } from '../support/governed-repo.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';
import { FORMATS, makeBackups, newRepo } from './backups.ts';

test('plain git verifies it, reads it, and finds no fault with it', async () => {
  const { repo, snapshot, files } = await makeBackups(tempDir());
  const refs = repo.git('for-each-ref');
  const { dir, git } = tempRepo();
  execFileSync('git', ['bundle', 'verify', '-q', files.bundle], { cwd: dir, stdio: 'pipe' });
  git('fetch', '-q', files.bundle, 'refs/*:refs/*');
  expect(git('for-each-ref')).toBe(refs);
  expect(fsck(dir)).toBe('');
  expect(git('cat-file', 'blob', `${snapshot.ref}^{tree}:secret`)).toBe('secret');
  // It was made without a ref of its own, even for a moment.
  expect(readdirSync(join(repo.dir, '.git/refs')).toSorted()).toEqual(
    ['heads', 'notes', 'snapshot-policy', 'snapshots', 'tags'].toSorted(),
  );
});

test('a repository whose objects are named by SHA-256', async () => {
  const dir = tempDir();
  const { snapshot, files } = await makeBackups(dir, ['--object-format=sha256']);
  expect(readFileSync(files.bundle, 'latin1')).toMatch(/^# v3 git bundle\n@object-format=sha256\n/);
  for (const format of FORMATS) {
    const target = around(tempRepo('--object-format=sha256'));
    await target.ok('snapshot', 'verify', '--bundle', files[format]);
    await target.ok('snapshot', 'import', files[format]);
    await target.ok('snapshot', 'verify', snapshot.id);
  }
  const { stderr } = await around(tempRepo()).expect(5, ['snapshot', 'import', files.bundle]);
  expect(stderr).toContain('git init --object-format=sha256');
});

test('no file is replaced, unless that is asked for, and none is left unfinished', async () => {
  const repo = await newRepo(join(tempDir(), 'repo'));
  writeFileSync(join(repo.root, 'file'), 'one\n');
  const taken = await repo.take('-m', 'One');
  const into = tempDir();
  const file = join(into, 'backup');
  writeFileSync(file, 'precious');
  const { stderr } = await repo.expect(5, ['snapshot', 'export', '-o', file]);
  expect(stderr).toContain('--force');
  expect(readFileSync(file, 'utf8')).toBe('precious');
  await repo.ok('snapshot', 'export', '-o', file, '--force');
  await repo.ok('snapshot', 'verify', '--bundle', file);
  expect(readdirSync(into)).toEqual(['backup']);
  await repo.expect(4, ['snapshot', 'export', '-o', join(into, 'no/such/directory')]);
  // By its own name, where one stands.
  await repo.expect(0, ['snapshot', 'export'], { cwd: repo.root });
  expect(existsSync(join(repo.root, `artifacts-${taken.id}.bundle`))).toBe(true);
  const streamed = await runApart(['snapshot', 'export', taken.id, '-o', '-', '--quiet'], { cwd: repo.dir });
  expect(Buffer.from(streamed.stdoutBytes, 'latin1').equals(readFileSync(file))).toBe(true);
  await repo.expect(2, ['snapshot', 'export', '-o', '-', '--json']);
});

test('what cannot be trusted makes no backup', async () => {
  const repo = await newRepo(join(tempDir(), 'repo'));
  writeFileSync(join(repo.root, 'file'), 'one\n');
  const taken = await repo.take('-m', 'One');
  const blob = repo.git('rev-parse', `${taken.tag}^{tree}:file`);
  execFileSync('rm', ['-f', join(repo.dir, '.git/objects', blob.slice(0, 2), blob.slice(2))]);
  const into = tempDir();
  for (const format of FORMATS) {
    const { stderr } = await repo.expect(6, [
      'snapshot',
      'export',
      taken.id,
      '--format',
      format,
      '-o',
      join(into, 'x'),
    ]);
    expect(stderr).toContain('is not to be trusted');
  }
  expect(readdirSync(into)).toEqual([]);
});

test('promotions and what was said of them go along, and come back', async () => {
  const people = await team();
  const { ada, ben, cy, dan, sync } = people;
  const snapshot = await waiting(people);
  await cy.say('approve', 'production');
  sync(cy);
  await dan.say('approve', 'production');
  sync(dan);
  const other = await ben.take('another');
  await ben.promote('staging', other.id);
  sync(ben);
  const file = join(tempDir(), 'production.zip');
  const repo = around(ada, ada.env);
  await repo.ok('snapshot', 'export', '@production', '--format', 'zip', '-o', file);
  const refs = ada.git('for-each-ref', '--format=%(refname)', 'refs/promotions', 'refs/approvals').split('\n');
  const lost = refs.filter((name) => !name.endsWith('staging/2'));
  expect(lost).toHaveLength(4);
  const { results } = await repo.json<{ results: { checks: { check: string; detail: string }[] }[] }>(
    ...['snapshot', 'verify', '--bundle', file],
  );
  expect(results[0]?.checks.find(({ check }) => check === 'promotions')?.detail).toMatch(/^4 tags/);
  const before = ada.git('for-each-ref');
  for (const name of [snapshot.ref, ...lost]) ada.git('update-ref', '-d', name);
  ada.git('reflog', 'expire', '--expire=now', '--all');
  ada.git('gc', '-q', '--prune=now');
  expect(await ada.findings()).toMatch(/its ref is gone/);
  await repo.ok('snapshot', 'import', file);
  expect(ada.git('for-each-ref')).toBe(before);
  expect(await ada.findings()).toBe('');
  expect(await ada.live('production')).toBe(snapshot.id);
});

test('an approval that was taken back since then stays taken back', async () => {
  const people = await team();
  const { ada, cy, sync } = people;
  await waiting(people);
  await cy.say('approve', 'production');
  sync(cy);
  const file = join(tempDir(), 'waiting.bundle');
  const repo = around(ada, ada.env);
  await repo.ok('snapshot', 'export', 'latest', '-o', file);
  await cy.say('withdraw', 'production');
  sync(cy);
  const before = ada.git('for-each-ref');
  expect(await repo.ok('snapshot', 'import', file)).toContain('is here, and whole');
  expect(ada.git('for-each-ref')).toBe(before);
});
