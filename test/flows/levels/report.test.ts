import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DOCUMENTS } from '../../../src/cli/schemas/documents.ts';
import type { GovernedRepo } from '../../support/governed-repo.ts';
import { adaAndBen, FIRST } from '../../support/people.ts';

async function reportOf(repo: GovernedRepo, code: number, ...words: string[]) {
  const { stdout } = await repo.expect(code, ['snapshot', 'report', '--json', ...words]);
  return DOCUMENTS.report.parse(JSON.parse(stdout));
}

test('a report of a repository in use', async () => {
  const { ada, root } = await adaAndBen({ threshold: 1 });
  const empty = await reportOf(ada, 0);
  expect(empty).toMatchObject({ ok: true, sets: [{ kept: 0, newest: [], environments: [], holds: [], trash: [] }] });

  await ada.write((policy) => {
    const given = policy as unknown as Record<string, unknown>;
    given['environments'] = { staging: {}, production: { from: 'staging', approvals: { count: 1 } } };
    given['roles'] = { ...(given['roles'] as object), promoter: [FIRST], approver: ['ben'] };
    given['retention'] = { keepLast: 2 };
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes', '-q');
  const ids: string[] = [];
  mkdirSync(join(ada.root, 'hollow'));
  for (const text of ['one', 'two', 'three', 'four']) {
    writeFileSync(join(ada.root, 'a'), text);
    ids.push((await ada.take('-m', text)).id);
  }
  await ada.ok('snapshot', 'promote', 'latest', 'staging', '-m', 'why', '--yes');
  await ada.ok('snapshot', 'promote', 'latest', 'production', '-m', 'release', '--yes');
  await ada.ok('snapshot', 'hold', ids[0] ?? '', '--case', 'audit', '-m', 'asked for');
  await ada.ok('snapshot', 'prune', '--apply', '--yes');
  writeFileSync(join(ada.root, 'a'), 'five');
  await ada.ok('rollback', '--yes', '-m', 'bad build');

  const report = await reportOf(ada, 0);
  const [set] = report.sets;
  expect(set?.newest.map(({ subject, backup }) => [subject, backup])).toMatchObject([
    [expect.any(String), true],
    ['four', false],
    ['three', false],
    ['one', false],
  ]);
  // As list and show say: the empty directory is no file.
  expect(set?.newest.map(({ files }) => files)).toEqual([1, 1, 1, 1]);
  expect(set).toMatchObject({
    kept: 4,
    holds: [{ case: 'audit', reason: 'asked for' }],
    trash: [{ snapshot: ids[1] }],
    retention: { remove: 1, drop: 0 },
    environments: [
      { environment: 'staging', live: { snapshot: ids[3] } },
      { environment: 'production', live: null, pending: [{ reason: 'release' }] },
    ],
  });
  expect(report.promotions.map(({ environment, status }) => [environment, status])).toEqual([
    ['production', 'pending'],
    ['staging', 'live'],
  ]);
  expect(report.rollbacks).toMatchObject([{ reason: 'bad build', outcome: 'applied', to: { id: ids[3] } }]);
  expect(report.levels).toMatchObject({ ok: true, met: 3 });

  // All that the page names can be looked at with git alone.
  const { tip, digest, events } = report.proof.log;
  expect(tip).toBe(ada.git('rev-parse', 'refs/notes/snapshots'));
  const shown = execFileSync('sh', ['-c', `git cat-file commit ${tip} | sha256sum`], {
    cwd: ada.dir,
    encoding: 'utf8',
  });
  expect(digest).toBe(`sha256:${shown.slice(0, 64)}`);
  expect(report.proof.policy.root).toBe(root);
  expect(events).toBe((await ada.json<unknown[]>('snapshot', 'log')).length);

  // What happened is of the period; how things stand is of now.
  const later = await reportOf(ada.at(Date.now() + 40 * 86_400_000), 0);
  expect(later).toMatchObject({ promotions: [], rollbacks: [], events: [], sets: [{ kept: 4 }] });
  expect((await ada.expect(0, ['snapshot', 'report'])).stdout).toMatch(/^production .* 2: 0 of 1 approvals|release/m);

  ada.git('update-ref', '-d', `refs/snapshots/artifacts/${ids[3]}`);
  const broken = await reportOf(ada, 1);
  expect(broken.proof.findings).toMatchObject([{ rule: expect.any(String), detail: expect.stringContaining('gone') }]);
});
