import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planRollback } from '../../../src/core/rollback/plan.ts';
import { openDirectoryReplacer } from '../../../src/workdir/replace/directory-replacer.ts';
import { around, existing, type GovernedRepo, governedRepo, look } from '../../support/governed-repo.ts';
import { stoppedRollback } from '../../support/stopped-rollback.ts';
import { tempDir, tempRepo } from '../../support/temp-repo.ts';

/** A repository with two snapshots, of which the directory is at the second. */
async function scene(): Promise<{ repo: GovernedRepo; a: string; b: string }> {
  const repo = await governedRepo();
  repo.git('commit', '-q', '--allow-empty', '-m', 'c');
  writeFileSync(join(repo.root, 'f'), 'secret');
  const { id: a } = await repo.take('-m', 'a');
  writeFileSync(join(repo.root, 'f'), 'public');
  const { id: b } = await repo.take('-m', 'b');
  return { repo, a, b };
}

/** Stops a rollback to that snapshot when its changes are in place. */
const stopped = (repo: GovernedRepo, snapshot: string) =>
  stoppedRollback(repo, (app) =>
    app.rollback({
      ...{ set: undefined, steps: undefined, message: undefined, paths: [], dryRun: false, confirm: undefined },
      snapshot,
    }),
  );

/** Another working tree of it, at the second snapshot. */
async function linked({ repo, b }: { repo: GovernedRepo; b: string }): Promise<{ tree: GovernedRepo; gitDir: string }> {
  const dir = join(tempDir(), 'linked');
  repo.git('worktree', 'add', '-q', dir);
  const tree = existing(dir);
  await tree.ok('snapshot', 'restore', b, '--yes');
  return { tree, gitDir: join(repo.dir, '.git/worktrees/linked') };
}

test('nothing is erased while a rollback in another working tree is unfinished', async () => {
  const { repo, a, b } = await scene();
  const { tree } = await linked({ repo, b });
  await stopped(tree, a);
  const { stderr } = await repo.expect(9, ['snapshot', 'erase', a, '-m', 'leaked', '--yes']);
  expect(stderr).toContain(`in the working tree '${tree.dir}' has begun and not ended`);
  expect(stderr).toContain(`git -C '${tree.dir}' rollback --abort`);
  await tree.ok('rollback', '--abort');
  await repo.ok('snapshot', 'erase', a, '-m', 'leaked', '--yes');
});

test('an erasure takes away what a rollback that was killed has left in another working tree', async () => {
  const { repo, a, b } = await scene();
  const { tree, gitDir } = await linked({ repo, b });
  const lock = openDirectoryReplacer({ gitDir, set: 'artifacts', root: tree.root }).lock();
  lock.stage({ plan: planRollback({ live: [], target: [], excluded: [] }), operation: randomBytes(8).toString('hex') });
  const staging = readdirSync(join(gitDir, 'snapshot/replace')).find((name) => name.endsWith('.staging')) ?? '';
  mkdirSync(join(gitDir, 'snapshot/replace', staging, 'new/7'));
  writeFileSync(join(gitDir, 'snapshot/replace', staging, 'new/7/0'), 'secret');
  lock.release();
  await repo.ok('snapshot', 'erase', a, '-m', 'leaked', '--yes');
  const files = readdirSync(gitDir, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((f) =>
    f.isFile(),
  );
  expect(files.filter((file) => readFileSync(join(file.parentPath, file.name), 'latin1').includes('secret'))).toEqual(
    [],
  );
});

test('an erasure that comes while a rollback to it is unfinished leaves what --abort needs, and says that', async () => {
  const { repo, a } = await scene();
  const server = tempRepo('--bare');
  repo.git('remote', 'add', 'origin', server.dir);
  repo.git('push', '-q', 'origin', 'HEAD:main');
  await repo.ok('snapshot', 'push');
  const clone = around(tempRepo());
  clone.git('remote', 'add', 'origin', server.dir);
  await clone.ok('snapshot', 'fetch');
  const before = look(repo.root);
  await stopped(repo, a);
  await clone.ok('snapshot', 'erase', a, '-m', 'leaked', '--yes');
  await clone.ok('snapshot', 'push');

  const fetched = await repo.expect(0, ['snapshot', 'fetch']);
  expect(fetched.stderr).toContain("what was erased is still here: a rollback of the set 'artifacts' has begun");
  const gone = await repo.expect(5, ['rollback', '--continue']);
  expect(gone.stderr).toMatch(/was removed meanwhile\nhint: Run "git rollback --abort"/);
  await repo.ok('rollback', '--abort');
  expect(look(repo.root)).toEqual(before);
  expect(await repo.json('snapshot', 'log', '-n', '1')).toMatchObject([
    { event: { outcome: 'reverted', to: { id: a } } },
  ]);
  expect(await repo.ok('snapshot', 'erase', '--purge')).toContain('objects');
  await repo.ok('snapshot', 'log', '--verify');
});
