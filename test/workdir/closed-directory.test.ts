import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closedDirectory } from '../../src/workdir/closed-directory.ts';
import { tempDir } from '../support/temp-repo.ts';

test('what would have to be made below a file cannot be', () => {
  const dir = tempDir();
  writeFileSync(join(dir, 'file'), '');
  expect(closedDirectory([{ path: join(dir, 'file/a/b'), depth: 1 }])).toEqual({
    path: join(dir, 'file'),
    because: 'no directory',
  });
  symlinkSync(dir, join(dir, 'link'));
  expect(closedDirectory([{ path: join(dir, 'link/a/b'), depth: 1 }])).toBeUndefined();
});

test('a directory too deep for the system to be named is passed over', () => {
  const dir = tempDir();
  const before = process.cwd();
  try {
    process.chdir(dir);
    for (let level = 0; level < 25; level++) {
      mkdirSync('d'.repeat(200));
      process.chdir('d'.repeat(200));
    }
  } finally {
    process.chdir(before);
  }
  expect(closedDirectory([{ path: dir, depth: 30 }])).toBeUndefined();
  // Node cannot remove it.
  execFileSync('rm', ['-r', join(dir, 'd'.repeat(200))]);
});
