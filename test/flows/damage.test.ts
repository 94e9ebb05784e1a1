import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type GovernedRepo, governedRepo, type SnapshotDocument } from '../support/governed-repo.ts';

async function twoSnapshots(): Promise<{ repo: GovernedRepo; first: SnapshotDocument; second: SnapshotDocument }> {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a'), '1');
  const first = await repo.take('-m', 'first');
  writeFileSync(join(repo.root, 'a'), '2');
  return { repo, first, second: await repo.take('-m', 'second') };
}

it.each<[string, (repo: GovernedRepo, broken: SnapshotDocument) => void]>([
  ['missing', ({ dir }, { tag }) => rmSync(join(dir, '.git/objects', tag.slice(0, 2), tag.slice(2)), { force: true })],
  ['of a ref that is garbage', ({ dir }, { ref }) => writeFileSync(join(dir, '.git', ref), 'garbage\n')],
])('a tag %s spoils no other snapshot', async (_, damage) => {
  const { repo, first, second } = await twoSnapshots();
  damage(repo, second);
  const listed = await repo.expect(0, ['snapshot', 'list', '--json']);
  expect(JSON.parse(listed.stdout)).toMatchObject([{ id: first.id }]);
  expect(listed.stderr).toContain(second.ref);
  for (const selector of [first.id, 'latest', 'current']) {
    expect(await repo.json('snapshot', 'show', selector)).toMatchObject({ id: first.id });
    expect(await repo.json('snapshot', 'verify', selector)).toMatchObject({ ok: true });
  }
  expect(await repo.json('snapshot', 'status')).toMatchObject({ snapshot: { id: first.id } });
  // What needs that very one says which.
  for (const words of [
    ['snapshot', 'show', second.id],
    ['rollback', '--yes', second.id],
  ])
    expect((await repo.expect(6, words)).stderr).toContain(second.ref);
  const { results } = await repo.json<{ results: { id: string; ok: boolean }[] }>('snapshot', 'verify', '--all');
  expect(results.filter(({ ok }) => !ok)).toMatchObject([{ id: second.id, checks: [{ check: 'format' }] }]);
  // The directory is still what the broken one was: it is taken anew.
  const again = await repo.take('-m', 'again');
  await repo.ok('rollback', '--yes', first.id);
  await repo.ok('rollback', '--yes', again.id);
  await repo.ok('rollback', '--yes', '--undo');
});

it('a log that is not to be believed is no fault of the snapshot that is to be put back', async () => {
  const { repo, first, second } = await twoSnapshots();
  repo.git('notes', '--ref=snapshots', 'add', '-f', '-m', 'hi', second.ref);
  for (const words of [
    ['rollback'],
    ['rollback', first.id],
    ['rollback', 'latest'],
    ['snapshot', 'restore', first.id],
  ]) {
    const { stderr } = await repo.expect(6, [...words, '--yes']);
    expect(stderr).toMatch(/error: the audit log is not to be believed: .*\nhint: .*"git snapshot log repair"/);
    expect(stderr).not.toContain('warning');
  }
  await repo.ok('snapshot', 'log', 'repair', '--yes', '-m', 'a note');
  await repo.ok('rollback', '--yes', first.id);
});

it('says that there is nothing to verify', async () => {
  const repo = await governedRepo();
  const { stdout, stderr } = await repo.expect(0, ['snapshot', 'verify', '--all', '--json']);
  expect(JSON.parse(stdout)).toEqual({ ok: true, results: [] });
  expect(stderr).toContain('there are no snapshots to check');
});
