import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { governedRepo } from '../support/governed-repo.ts';
import { writePolicy } from '../support/people.ts';

test('a reason is asked for once nothing else is in the way', async () => {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a'), 'one');
  const { id } = await repo.take('-m', 'first');
  const refused = async (code: number, says: string, ...words: string[]) =>
    expect((await repo.expect(code, ['snapshot', ...words])).stderr, words.join(' ')).toContain(says);

  // Whoever typed a reason for each of these would be refused all the same.
  await refused(4, 'there is no environment', 'promote', id, 'staging');
  await refused(4, 'there is no environment', 'approve', 'staging');
  await refused(4, 'there is no environment', 'resume', 'staging');
  await refused(4, 'no snapshot', 'hold', '20200101T000000Z-000000000000', '--case', 'audit');
  await refused(4, 'there is no such hold', 'release', '--case', 'audit');
  await refused(4, 'there is no', 'erase', '20200101T000000Z-000000000000');
  await writePolicy(repo, (policy) => Object.assign(policy, { environments: { staging: {}, production: {} } }));
  await repo.ok('snapshot', 'policy', 'apply', '--yes');
  await refused(4, 'no promotion waits', 'approve', 'staging');
  await refused(4, 'is not on hold', 'resume', 'staging');

  const hint = 'no reason given\nhint: Say why with -m WHY: it is signed, and others read it.';
  for (const reason of [[], ['-m', ' ']]) {
    await refused(2, hint, 'promote', id, 'staging', ...reason);
    await refused(2, hint, 'hold', id, '--case', 'audit', ...reason);
    await refused(2, hint, 'erase', id, ...reason);
  }
  expect(await repo.ok('snapshot', 'promote', id, 'staging', '--dry-run')).toContain('staging');
  await repo.ok('snapshot', 'hold', id, '--case', 'audit', '-m', 'asked for');
  await refused(2, hint, 'release', '--case', 'audit');
  await refused(5, 'held', 'erase', id);
});
