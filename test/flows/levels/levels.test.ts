import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DOCUMENTS } from '../../../src/cli/schemas/documents.ts';
import type { GovernedRepo } from '../../support/governed-repo.ts';
import { adaAndBen, FIRST, type Person } from '../../support/people.ts';

const DAY_MS = 86_400_000;

async function levelsOf(repo: GovernedRepo, code: number, ...words: string[]) {
  const { stdout } = await repo.expect(code, ['snapshot', 'slo', '--json', ...words]);
  const document = DOCUMENTS.slo.parse(JSON.parse(stdout));
  const levels = Object.fromEntries(document.sets[0]?.levels.map((level) => [level.level, level]) ?? []);
  return { document, levels };
}

async function change(ada: Person, edit: (policy: Record<string, unknown>) => void) {
  await ada.write((policy) => edit(policy as unknown as Record<string, unknown>));
  await ada.ok('snapshot', 'policy', 'apply', '--yes', '-q');
}

test('service levels of a repository in use', async () => {
  const { ada } = await adaAndBen({ threshold: 1 });
  const empty = await levelsOf(ada, 0);
  expect(empty.document).toMatchObject({ ok: true, met: 0, broken: 0, unmeasured: 6 });
  expect((await ada.expect(0, ['snapshot', 'slo'])).stdout).toMatch(/\n0 limits met, 0 broken, 6 never measured\n$/);

  await change(ada, (policy) => {
    policy['environments'] = { staging: {} };
    policy['roles'] = { ...(policy['roles'] as object), promoter: [FIRST] };
  });
  writeFileSync(join(ada.root, 'a'), 'one');
  const first = await ada.take();
  await ada.ok('snapshot', 'promote', first.id, 'staging', '-m', 'why', '--yes');
  writeFileSync(join(ada.root, 'a'), 'two');
  await ada.ok('rollback', '--yes');

  const used = await levelsOf(ada, 0);
  expect(used.document).toMatchObject({ ok: true, met: 3, broken: 0, unmeasured: 2 });
  // The backup of the rollback took no time of its own, and is not the last snapshot.
  expect(used.levels['snapshot']?.times?.count).toBe(1);
  expect(used.levels['snapshot-age']).toMatchObject({ verdict: 'unlimited', since: first.takenAt });
  expect(used.levels['verify']).toMatchObject({
    verdict: 'met',
    limitSec: 60,
    limitSource: 'default',
    times: { count: 1 },
  });
  expect(used.levels['rollback']?.times?.count).toBe(1);
  const log = await ada.json<{ type: string; event: { verifyMs?: number } }[]>(
    'snapshot',
    'log',
    '--type',
    'promotion',
  );
  expect(log[0]?.event.verifyMs).toBe(used.levels['verify']?.times?.lastMs);

  await change(ada, (policy) => {
    policy['serviceLevels'] = { snapshotAge: '12h' };
    policy['rehearsal'] = { maxAge: '7d' };
  });
  const tomorrow = ada.at(Date.now() + DAY_MS);
  const late = await levelsOf(tomorrow, 1);
  expect(late.document).toMatchObject({ ok: false, broken: 2, unmeasured: 1 });
  expect(late.levels['snapshot-age']).toMatchObject({ verdict: 'broken', limitSec: 43_200, limitSource: 'policy' });
  expect(late.levels['rehearsal-age']).toMatchObject({ verdict: 'broken', since: null });
  const { stdout } = await tomorrow.expect(1, ['snapshot', 'slo']);
  expect(stdout).toMatch(/^age of last snapshot +12 h .*BROKEN$/m);
  expect(stdout).toMatch(/^age of last passed rehearsal +7 d +never +BROKEN$/m);
  expect(stdout).toMatch(/^recovery in rehearsal +5 min +never measured$/m);

  const since = await levelsOf(tomorrow, 1, '--since', '1h');
  expect(since.levels['rollback']).toMatchObject({ verdict: 'unmeasured', times: null });

  expect((await ada.run(['snapshot', 'slo', '--set', 'none'])).code).toBe(4);
  ada.git('update-ref', 'refs/notes/snapshots', ada.git('commit-tree', '-m', 'not signed', `${ada.git('write-tree')}`));
  expect((await ada.run(['snapshot', 'slo'])).code).toBe(6);
});
