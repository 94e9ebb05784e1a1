import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DOCUMENTS } from '../../../src/cli/schemas/documents.ts';
import { lookThrough } from '../../../src/workdir/look-through.ts';
import { type GovernedRepo, governedRepo } from '../../support/governed-repo.ts';
import { tempDir } from '../../support/temp-repo.ts';

/** What is said of the directory of the set, by what was looked at. */
async function checkups(repo: GovernedRepo, code: number) {
  const { stdout } = await repo.expect(code, ['snapshot', 'doctor', '--json']);
  const { checks } = DOCUMENTS.doctor.parse(JSON.parse(stdout));
  return Object.fromEntries(
    checks
      .filter(({ check }) =>
        /^(directory of|content of|writing|room for|lock of|stat cache of) ?artifacts$/.test(check),
      )
      .map(({ check, verdict, detail, hint }) => [check, { verdict, detail, hint }]),
  );
}

test.each([
  ['a FIFO', (path: string) => execFileSync('mkfifo', [path]), 'a FIFO'],
  ['a link that leads out', (path: string) => symlinkSync('/etc/hosts', path), 'a link'],
])('%s in a directory stops every snapshot, and is told of', async (_, make, reason) => {
  const repo = await governedRepo();
  mkdirSync(join(repo.root, 'deep/er'), { recursive: true });
  make(join(repo.root, 'deep/er/odd'));
  await repo.expect(3, ['snapshot', 'create']);
  const { 'content of artifacts': content } = await checkups(repo, 1);
  expect(content?.detail).toContain(`no snapshot can be taken of 'deep/er/odd', ${reason}`);
  expect(content?.hint).toContain('.snapshotignore');
  writeFileSync(join(repo.root, '.snapshotignore'), 'deep/er/\n');
  await repo.expect(0, ['snapshot', 'create']);
  expect((await checkups(repo, 0))['content of artifacts']).toMatchObject({ verdict: 'ok' });
});

test('nothing is looked at through a link that is none of ours', async () => {
  const repo = await governedRepo();
  const elsewhere = tempDir();
  mkdirSync(join(elsewhere, 'closed'), { mode: 0o000 });
  execFileSync('mkfifo', [join(elsewhere, 'pipe')]);
  rmSync(repo.root, { recursive: true });
  symlinkSync(elsewhere, repo.root);
  expect(await checkups(repo, 1)).toEqual({
    'directory of artifacts': expect.objectContaining({ verdict: 'wrong' }),
    'lock of artifacts': expect.objectContaining({ verdict: 'ok' }),
    'stat cache of artifacts': expect.anything(),
  });
});

test('a directory that is not there is told of, with what puts it back', async () => {
  const repo = await governedRepo();
  rmSync(repo.root, { recursive: true, force: true });
  // Nothing could be put back yet.
  expect((await checkups(repo, 0))['directory of artifacts']).toMatchObject({ verdict: 'note', hint: null });
  mkdirSync(repo.root);
  writeFileSync(join(repo.root, 'a'), 'a');
  await repo.ok('snapshot', 'create');
  rmSync(repo.root, { recursive: true });
  rmSync(join(repo.dir, '.git/snapshot/cache'), { recursive: true });
  expect(await checkups(repo, 0)).toMatchObject({
    'directory of artifacts': {
      verdict: 'note',
      detail: 'it is not there',
      hint: 'Run "git rollback --yes", which puts it back.',
    },
    'stat cache of artifacts': { verdict: 'note', hint: null },
  });
  await repo.ok('rollback', '--yes');
  expect((await checkups(repo, 0))['directory of artifacts']).toMatchObject({ verdict: 'ok' });
});

test('what is gone when its turn comes is no obstacle', async () => {
  const gone = join(tempDir(), 'gone');
  expect(await lookThrough(gone, { exclude: [] })).toEqual({ closed: undefined, unfit: [], seen: 'all' });
});

test('it ends somewhere', async () => {
  const root = tempDir();
  for (let i = 0; i < 5; i++) mkdirSync(join(root, `${i}/${i}`), { recursive: true });
  expect(await lookThrough(root, { exclude: [], maxEntries: 7 })).toMatchObject({ seen: 7 });
});
