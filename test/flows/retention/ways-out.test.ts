import { expect, test } from 'vitest';
import { keeping } from './keeping.ts';

test('what is refused for a snapshot in the trash, or for a hold that has run out, names the way out', async () => {
  const { repo, taken, day } = await keeping(3, {
    retention: { keepLast: 1 },
    environments: { staging: { rollback: { approvals: 0, depth: 1 }, keepPromoted: '1d' } },
  });
  const [a, , c] = taken.map(({ id }) => id) as [string, string, string];
  for (const [i, { id }] of taken.entries())
    await day(3 + i).ok('snapshot', 'promote', id, 'staging', '--yes', '-m', 'x');
  await day(10).ok('snapshot', 'prune', '--apply', '--yes');
  const undelete = `"git snapshot undelete ${a}" brings it back`;

  const show = await day(10).expect(6, ['snapshot', 'show', '@staging~2']);
  expect(show.stderr).toContain(`'${a}' was live in staging, and is in the trash`);
  expect(show.stderr).toContain(undelete);

  const hold = ['snapshot', 'hold', c, '--case', 'tmp', '--until', '1d', '-m', 'x'];
  await day(10).ok(...hold);
  expect((await day(10).expect(5, hold)).stderr).toContain('See "git snapshot holds"');
  const again = await day(12).expect(5, hold);
  expect(again.stderr).toContain(`has run out. Release it first: git snapshot release ${c} --case tmp -m WHY`);
  await day(12).ok('snapshot', 'release', c, '--case', 'tmp', '-m', 'over');
  await day(12).ok(...hold);

  // Brought back by plain git: the log still has it in the trash.
  repo.git('update-ref', `refs/snapshots/artifacts/${a}`, `refs/trash/artifacts/${a}`);
  const held = await day(12).expect(5, ['snapshot', 'hold', a, '--case', 'other', '-m', 'x']);
  expect(held.stderr).toContain(undelete);
});
