import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { governedRepo } from '../../support/governed-repo.ts';

// Who is stopped by a file that cannot be read, or a disk that is full, wants to know first what state things are in.

it('what cannot be read is named, with what was not done', async () => {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a'), '1');
  await repo.take('-m', 'first');
  writeFileSync(join(repo.root, 'a'), '2');
  const said = async (...words: string[]) => (await repo.expect(3, words)).stderr;
  execFileSync('mkfifo', [join(repo.root, 'pipe')]);
  expect(await said('snapshot', '-m', 'x')).toMatch(/\n {2}pipe: a FIFO\nhint: .* No snapshot was taken\.\n/);
  writeFileSync(join(repo.root, '.snapshotignore'), '#'.repeat((1 << 20) + 1));
  expect(await said('rollback', '--yes')).toMatch(/is larger than .*\nhint: The directory was not changed\.\n/);
});
