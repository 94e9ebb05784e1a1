import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { spread } from '../../../src/flows/rehearsal/kill-everywhere.ts';
import { governedRepo, look } from '../../support/governed-repo.ts';
import type { RehearsalDocument } from './document.ts';

test('killed before each of its moves, a rollback recovers both ways, and nothing of it is left', async () => {
  const repo = await governedRepo();
  mkdirSync(join(repo.root, 'deep'));
  for (const path of ['a', 'b', 'deep/c']) writeFileSync(join(repo.root, path), path);
  const { id } = await repo.take('-m', 'one');
  writeFileSync(join(repo.root, 'a'), 'two');
  rmSync(join(repo.root, 'deep'), { recursive: true });
  writeFileSync(join(repo.root, 'd'), 'new');
  await repo.take('-m', 'two');
  const before = look(repo.root);
  const report = await repo.json<RehearsalDocument>('snapshot', 'rehearse', '--faults');
  const [rehearsed] = report.rehearsals;
  expect(rehearsed).toMatchObject({ snapshot: id, verdict: 'pass', faults: { failures: [] } });
  // Three steps, each a look and a move; the end of the moves; and before the old files go.
  expect(rehearsed?.faults).toMatchObject({ steps: 8, points: 8, recovered: 8 });
  expect(rehearsed?.criteria.find(({ criterion }) => criterion === 'faults')?.value).toBe('8 of 8 recovered');
  expect(look(repo.root)).toEqual(before);
  expect(await repo.json('snapshot', 'log', '--type', 'rehearsal')).toMatchObject([
    { event: { faults: { points: 8, recovered: 8 } } },
  ]);
}, 400_000);

test('the command that dies does so in scratch repositories alone', async () => {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a'), 'a');
  const { id } = await repo.take('-m', 'one');
  writeFileSync(join(repo.root, 'a'), 'changed');
  const { stderr } = await repo.expect(2, ['snapshot', 'rehearse-and-die', '--set', 'artifacts', '--move', '1', id]);
  expect(stderr).toContain('this is no scratch repository');
  expect(await repo.json('snapshot', 'status')).toMatchObject({ rollbackInProgress: false });
});

test('of more places than are tried, the first and the last are, and those between evenly', () => {
  expect(spread(0, 20)).toEqual([]);
  expect(spread(3, 20)).toEqual([1, 2, 3]);
  expect(spread(1001, 5)).toEqual([1, 251, 501, 751, 1001]);
  const many = spread(12_345, 20);
  expect(new Set(many).size).toBe(20);
  expect([many[0], many.at(-1)]).toEqual([1, 12_345]);
});
