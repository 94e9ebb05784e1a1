import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { programs } from '../support/programs.ts';
import { tempDir } from '../support/temp-repo.ts';
import { newRepo } from './backups.ts';

const GIT = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();

/** A PATH with a git in it that does something else the first time that it is to write a bundle. */
function pathWith(first: string): { PATH: string; marker: string } {
  const bin = join(tempDir(), 'bin');
  mkdirSync(bin);
  const marker = join(bin, 'marker');
  const script = `#!/bin/sh\ncase " $* " in *" bundle create "*) if [ ! -e '${marker}' ]; then : > '${marker}'; ${first}; fi;; esac\nexec '${GIT}' "$@"\n`;
  writeFileSync(join(bin, 'git'), script, { mode: 0o755 });
  return { PATH: `${bin}:${process.env['PATH'] ?? ''}`, marker };
}

async function repoWithSnapshot() {
  const repo = await newRepo(join(tempDir(), 'repo'));
  writeFileSync(join(repo.root, 'file'), 'one\n');
  return { repo, taken: await repo.take('-m', 'One') };
}

test('where the log moves while a bundle is made, the bundle has what belongs together', async () => {
  const { repo, taken } = await repoWithSnapshot();
  const script = (await programs()).script('git-snapshot');
  const { PATH, marker } = pathWith(
    `(unset GIT_DIR GIT_WORK_TREE; cd '${repo.dir}' && '${process.execPath}' '${script}' -m Meanwhile --force > /dev/null 2>&1 < /dev/null)`,
  );
  const file = join(tempDir(), 'x.bundle');
  await repo.expect(0, ['snapshot', 'export', taken.id, '-o', file], { env: { PATH } });
  expect(existsSync(marker)).toBe(true);
  expect(await repo.json('snapshot', 'list')).toHaveLength(2);
  await repo.ok('snapshot', 'verify', '--bundle', file);
  const heads = repo.git('bundle', 'list-heads', file);
  expect(heads).toContain(`${repo.git('rev-parse', 'refs/notes/snapshots')} refs/notes/snapshots`);
});

test('an export that is ended leaves no file behind', async () => {
  const { repo } = await repoWithSnapshot();
  const { PATH, marker } = pathWith('sleep 3');
  const into = tempDir();
  const script = (await programs()).script('git-snapshot');
  const child = spawn(process.execPath, [script, 'export', '-o', join(into, 'x.bundle')], {
    cwd: repo.dir,
    env: { ...process.env, PATH },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
  for (let tries = 0; !existsSync(marker) && tries < 2000; tries++) await sleep(5);
  expect(readdirSync(into)).toHaveLength(1);
  child.kill('SIGTERM');
  expect(await ended).toBe('SIGTERM');
  expect(readdirSync(into)).toEqual([]);
});
