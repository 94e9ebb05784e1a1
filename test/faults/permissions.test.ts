import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { governedRepo, look } from '../support/governed-repo.ts';
import { programs } from '../support/programs.ts';
import { tempDir } from '../support/temp-repo.ts';
import { change, fill } from './scenes/contents.ts';

it('what cannot be read or written is named', async () => {
  const repo = await governedRepo();
  const { dir, root } = repo;
  fill(root);
  const old = look(root);
  const { id: first } = await repo.take('-m', 'first');
  change(root);
  const installed = await programs();
  const script = { create: installed.script('git-snapshot'), rollback: installed.script('git-rollback') };
  const home = tempDir();
  cpSync(process.env['XDG_CONFIG_HOME'] ?? '', join(home, '.config'), { recursive: true });
  // Root may read and write everything: drop to nobody for this one.
  const nobody = process.getuid?.() === 0 ? 65_534 : undefined;
  if (nobody !== undefined) execFileSync('chown', ['-R', String(nobody), dir, home]);
  const run = (program: 'create' | 'rollback', ...args: string[]) => {
    const env = {
      ...process.env,
      HOME: home,
      XDG_CONFIG_HOME: join(home, '.config'),
      GIT_CONFIG_GLOBAL: join(home, 'none'),
    };
    return spawnSync(process.execPath, [script[program], '-C', dir, ...args], {
      env,
      encoding: 'utf8',
      ...(nobody === undefined ? {} : { uid: nobody, gid: nobody }),
    });
  };
  const refs = () => execFileSync('git', ['-c', 'safe.directory=*', 'for-each-ref'], { cwd: dir, encoding: 'utf8' });
  execFileSync('chmod', ['755', dir, home, join(script.create, '../..')]);

  const before = refs();
  chmodSync(join(root, 'one'), 0o000);
  const unreadable = run('create', 'create');
  expect([unreadable.status, unreadable.stderr]).toEqual([
    expect.toSatisfy((code) => [3, 5, 8].includes(code as number)),
    expect.stringContaining("'one'"),
  ]);
  expect(refs()).toBe(before);
  chmodSync(join(root, 'one'), 0o644);

  for (const path of ['deep', 'fresh']) chmodSync(join(root, path), 0o555);
  const contents = look(root);
  const readOnly = run('rollback', '--yes', first);
  if (nobody !== undefined) {
    expect([readOnly.status, readOnly.stderr]).toEqual([
      expect.toSatisfy((code) => [3, 5, 8].includes(code as number)),
      expect.stringContaining('fresh'),
    ]);
  }
  expect(look(root)).toEqual(contents);
  expect(existsSync(join(dir, '.git/snapshot/replace/artifacts.journal'))).toBe(false);
  for (const path of ['deep', 'fresh']) chmodSync(join(root, path), 0o755);
  expect(run('rollback', '--yes', first).stderr).toMatch(/^To take it back/);
  expect(look(root)).toEqual(old);
});
