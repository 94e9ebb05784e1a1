import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type GovernedRepo, governedRepo } from '../../support/governed-repo.ts';
import { withApp } from '../../support/open-app.ts';

// What `git snapshot status` says while a rollback is at work, from its beginning to its end.

const usual = { set: undefined, steps: undefined, message: undefined, paths: [], dryRun: false, confirm: undefined };

async function scene(): Promise<{ repo: GovernedRepo; first: string }> {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a'), '1');
  const first = await repo.take('-m', 'first');
  writeFileSync(join(repo.root, 'a'), '2');
  await repo.take('-m', 'second');
  return { repo, first: first.id };
}

it('while one is prepared, it says who is at work, and advises nothing', async () => {
  const { repo, first } = await scene();
  writeFileSync(join(repo.root, 'a'), '3');
  let said: Awaited<ReturnType<GovernedRepo['run']>> | undefined;
  let document: unknown;
  const confirm = async () => {
    said = await repo.run(['snapshot', 'status']);
    document = await repo.json('snapshot', 'status');
    for (const way of [['--yes'], ['--continue'], ['--abort']])
      expect((await repo.expect(5, ['rollback', ...way])).stderr).toContain("is working on set 'artifacts'");
  };
  await withApp(repo, (app) => app.rollback({ ...usual, snapshot: first, confirm }));
  expect(said?.stdout).toContain(
    `Another git-snapshot (pid ${process.pid}) is working on it: what is below may be about to change.\n  Wait until it is done.\n`,
  );
  expect(said?.stdout).not.toContain('(use ');
  expect(document).toMatchObject({ clean: false, rollbackInProgress: false, busy: { pid: process.pid, host: null } });
  expect(await repo.json('snapshot', 'status')).toMatchObject({ clean: true, busy: null });
});

it('while one runs, it advises nothing that would be refused', async () => {
  const { repo, first } = await scene();
  const stopped = withApp(repo, (app) => app.rollback({ ...usual, snapshot: first }), {
    phase: (title) => () => {
      if (title === 'Replacing files' || title === 'Taking it back') throw new Error('stopped');
    },
  });
  await expect(stopped).rejects.toThrow('stopped');
  writeFileSync(join(repo.root, 'b'), '');
  const said = (await repo.run(['snapshot', 'status'])).stdout;
  expect(said).toContain('is unfinished');
  expect(said).toContain('with what the rollback has changed so far');
  expect(said).not.toContain('"git snapshot restore');
  expect(said).not.toContain('(use "git snapshot" to');
});

it('where everything is in place already, it does not say that nothing changed', async () => {
  const { repo } = await scene();
  writeFileSync(join(repo.root, 'a'), '3');
  let isInPlace = false;
  const stopped = withApp(repo, (app) => app.rollback({ ...usual, snapshot: 'latest' }), {
    phase: (title) => {
      if (isInPlace) throw new Error(`stopped: ${title}`);
      isInPlace = title === 'Replacing files';
      return () => undefined;
    },
  });
  await expect(stopped).rejects.toThrow('stopped: Taking it back');
  const said = (await repo.expect(9, ['snapshot', 'status'])).stdout;
  expect(said).toContain('is unfinished');
  expect(said).toMatch(/\n\nthe files are those of the snapshot\n$/);
});

it('looks again where one ends meanwhile', async () => {
  const { repo, first } = await scene();
  // It ends when the directory has been read.
  const expected = join(repo.dir, '.git/snapshot/cache/artifacts/expected');
  const newest = readFileSync(expected, 'utf8');
  await repo.ok('rollback', first, '--yes');
  const after = readFileSync(expected, 'utf8');
  writeFileSync(expected, newest);
  let isFirst = true;
  const status = await withApp(repo, (app) => app.status({ set: undefined }), {
    phase: () => () => {
      if (isFirst) writeFileSync(expected, after);
      isFirst = false;
    },
  });
  expect(status).toMatchObject({ clean: true, snapshot: { id: first } });
});
