import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { governedRepo } from '../support/governed-repo.ts';

it('does not count an empty directory as new where a file beside it has changed', async () => {
  const repo = await governedRepo();
  mkdirSync(join(repo.root, 'parent/empty'), { recursive: true });
  writeFileSync(join(repo.root, 'parent/file'), '1');
  await repo.take('-m', 'one');
  writeFileSync(join(repo.root, 'parent/file'), '22');
  const { changes } = await repo.json<{ changes: { path: string }[] }>('snapshot', 'status');
  expect(changes.map(({ path }) => path)).toEqual(['parent/file']);
});
