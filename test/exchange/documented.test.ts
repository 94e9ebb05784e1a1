import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { existing } from '../support/governed-repo.ts';
import { programs } from '../support/programs.ts';
import { tempDir } from '../support/temp-repo.ts';
import { contentOf, newRepo } from './backups.ts';

const TEXT = readFileSync(join(import.meta.dirname, '../../docs/backup.md'), 'utf8');

test('the commands of docs/backup.md do what it says, one after the other', async () => {
  const blocks = [...TEXT.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  expect(blocks.length).toBeGreaterThan(4);
  const dir = tempDir();
  const backup = join(dir, 'backup');
  mkdirSync(backup);
  const repo = await newRepo(join(dir, 'repo'));
  writeFileSync(join(repo.root, 'file'), 'one\n');
  mkdirSync(join(repo.root, 'empty'), { mode: 0o700 });
  const taken = await repo.take('-m', 'One');
  const { bin } = await programs();
  const root = JSON.parse(await repo.ok('snapshot', 'trust', 'show', '--json')) as { root: { found: string } };
  for (const block of blocks) {
    // Who has no key says whom to trust.
    const env = block.includes('live.tar') ? { XDG_CONFIG_HOME: dir, GIT_SNAPSHOT_TRUST_ROOT: root.root.found } : {};
    const script = block.replaceAll('/backup/', `${backup}/`).replace('sha256:…', root.root.found);
    execFileSync('sh', ['-e', '-c', script], {
      cwd: repo.dir,
      stdio: 'pipe',
      env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, ...env },
    });
  }
  const restored = existing(join(repo.dir, 'restored'));
  expect(contentOf(restored.root)).toEqual(contentOf(repo.root));
  await restored.ok('snapshot', 'verify', taken.id);
  expect(contentOf(join(repo.dir, `artifacts-${taken.id}`))).toEqual(contentOf(repo.root));
  // As "Without this program" has it.
  const plain = join(dir, 'plain');
  execFileSync('git', ['init', '-q', plain]);
  cpSync(join(backup, 'latest.bundle'), join(plain, 'latest.bundle'));
  existing(plain).git('fetch', '-q', 'latest.bundle', 'refs/*:refs/*');
  expect(existing(plain).git('cat-file', 'blob', `${taken.ref}^{tree}:file`)).toBe('one');
  execFileSync('tar', ['xzf', join(backup, 'latest.tar.gz')], { cwd: plain });
  expect(contentOf(join(plain, `artifacts-${taken.id}`))).toEqual(contentOf(repo.root));
});
