import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { existing, runApart } from '../../support/governed-repo.ts';
import { programs } from '../../support/programs.ts';
import { expectSound, has, keeping, listed, type Plan, refsBelow, takeNumber } from './keeping.ts';

test('pruning while others take snapshots loses nothing that is to be kept', async () => {
  const { repo, taken } = await keeping(0, { retention: { keepLast: 4 } });
  expect(taken).toEqual([]);
  mkdirSync(join(repo.root, 'some'));
  for (let n = 0; n < 30; n++) writeFileSync(join(repo.root, `some/${n}`), `file ${n}\n`);
  for (let n = 0; n < 6; n++) await repo.ok('snapshot', 'create', '--force', '-m', `before ${n}`);
  const create = (n: number) => runApart(['snapshot', 'create', '--force', '-m', `${n}`, '--json'], { cwd: repo.dir });
  const prune = () => runApart(['snapshot', 'prune', '--apply', '--yes'], { cwd: repo.dir });
  const [creates, prunes] = await Promise.all([
    Promise.all(Array.from({ length: 6 }, (_, n) => create(n))),
    Promise.all(Array.from({ length: 3 }, prune)),
  ]);
  for (const run of [...creates, ...prunes]) expect(run.code, run.stderr).toBe(0);
  const made = creates.map(({ stdout }) => (JSON.parse(stdout) as { snapshot: { id: string } }).snapshot.id);
  const there = [...(await listed(repo)), ...refsBelow(repo, 'refs/trash/artifacts/')];
  expect(there).toHaveLength(12);
  expect(there).toEqual(expect.arrayContaining(made));
  // The newest are there whatever came first.
  expect(await listed(repo)).toEqual(expect.arrayContaining(there.sort().slice(-4)));
  await expectSound(repo);
});

test('an erasure that was killed, anywhere after its event, is finished by --purge', async () => {
  const { repo, taken } = await keeping(0, {});
  expect(taken).toEqual([]);
  for (let n = 0; n < 300; n++) writeFileSync(join(repo.root, `${n}`), `secret ${n}\n`);
  const bad = await repo.take('-m', 'bad');
  rmSync(repo.root, { recursive: true });
  mkdirSync(repo.root);
  writeFileSync(join(repo.root, 'good'), 'good\n');
  await repo.take('-m', 'good');
  const trees = repo.git('rev-list', '--objects', bad.tag).split('\n');
  const oids = trees.map((line) => line.split(' ')[0] ?? '');
  expect(oids).toHaveLength(302);
  const script = (await programs()).script('git-snapshot');
  const child = spawn(process.execPath, [script, 'erase', bad.id, '--yes', '-m', 'leaked'], {
    cwd: repo.dir,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const log = () => repo.git('rev-list', '--count', 'refs/notes/snapshots');
  const before = log();
  while (log() === before) await sleep(5);
  child.kill('SIGKILL');
  await ended;
  // Git, which it had started, comes to its end.
  while (existsSync(join(repo.dir, '.git/packed-refs.lock'))) await sleep(5);
  await expectSound(repo, 'after it was killed');
  // And as it is when half of the objects have gone, the tag the last of all.
  for (const oid of oids.slice(150))
    rmSync(join(repo.dir, '.git/objects', oid.slice(0, 2), oid.slice(2)), { force: true });
  const { report } = await repo.json<{ report: { left: string[] } }>('snapshot', 'erase', '--purge');
  expect(report.left).toEqual([]);
  for (const oid of oids) expect(has(repo, oid), oid).toBe(false);
  await expectSound(repo, 'after the purge');
  expect(readdirSync(join(repo.dir, '.git')).filter((name) => name.endsWith('.lock'))).toEqual([]);
});

test('a prune that git had begun by hand and did not end is gone on with', async () => {
  const { repo } = await keeping(0, { retention: { keepLast: 2 } });
  for (let n = 0; n < 4; n++) await takeNumber(existing(repo.dir), n);
  const plan = await existing(repo.dir).json<Plan>('snapshot', 'prune');
  const [a, b] = plan.remove.map(({ id }) => id).sort() as [string, string];
  repo.git('update-ref', `refs/trash/artifacts/${b}`, `refs/snapshots/artifacts/${b}`);
  await existing(repo.dir).ok('snapshot', 'prune', '--apply', '--yes');
  expect(refsBelow(repo, 'refs/trash/artifacts/')).toEqual([a, b]);
  await expectSound(existing(repo.dir));
});
