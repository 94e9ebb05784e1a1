import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DOCUMENTS } from '../../../src/cli/schemas/documents.ts';
import { around, type GovernedRepo } from '../../support/governed-repo.ts';
import { importIntoPrometheus, lintMetrics, parseMetrics } from '../../support/metric-parsers.ts';
import { adaAndBen, FIRST } from '../../support/people.ts';
import { tempRepo } from '../../support/temp-repo.ts';

/** Each value by its name and labels, as the strict parser of OpenMetrics reads them. */
async function metricsOf(repo: GovernedRepo, ...words: string[]): Promise<Record<string, number>> {
  const text = await repo.ok('snapshot', 'metrics', ...words);
  expect(importIntoPrometheus(text)).toBe('');
  const samples = parseMetrics(text, 'openmetrics').flatMap((family) => family.samples);
  return Object.fromEntries(
    samples.map(({ name, labels, value }) => {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}=${text}`);
      return [[name.slice('git_snapshot_'.length), ...pairs].join(' '), value];
    }),
  );
}

test('metrics of a repository in use', async () => {
  const { ada, root } = await adaAndBen({ threshold: 1 });
  await ada.write((policy) => {
    const given = policy as unknown as Record<string, unknown>;
    given['expires'] = '2099-01-01T00:00:00Z';
    given['environments'] = { staging: {}, production: { from: 'staging', approvals: { count: 1 } } };
    given['roles'] = { ...(given['roles'] as object), promoter: [FIRST], approver: [FIRST, 'ben'] };
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes', '-q');
  writeFileSync(join(ada.root, 'a'), 'one');
  const first = await ada.take();
  await ada.ok('snapshot', 'promote', first.id, 'staging', '-m', 'why', '--yes');
  await ada.ok('snapshot', 'promote', first.id, 'production', '-m', 'why', '--yes');
  await ada.ok('snapshot', 'hold', first.id, '--case', 'audit', '-m', 'why');
  writeFileSync(join(ada.root, 'a'), 'three');
  await ada.ok('rollback', '--yes');
  writeFileSync(join(ada.root, 'a'), 'four');
  writeFileSync(join(ada.root, 'b'), '');

  const takenSec = Date.parse(first.takenAt) / 1000;
  const nowMs = (takenSec + 90) * 1000;
  const found = await metricsOf(ada.at(nowMs));
  expect(found).toMatchObject({
    generated_timestamp_seconds: takenSec + 90,
    'last_snapshot_timestamp_seconds set=artifacts': takenSec,
    'last_snapshot_age_seconds set=artifacts': 90,
    'snapshots set=artifacts place=kept': 2,
    'newest_bytes set=artifacts': 5,
    'kept_bytes set=artifacts': 8,
    'events_total set=artifacts type=promotion': 2,
    'events_total set=artifacts type=snapshot': 2,
    log_findings: 0,
    'holds set=artifacts': 1,
    unfinished_rollbacks: 0,
    'rollbacks_total set=artifacts outcome=applied': 1,
    'operation_duration_seconds_count set=artifacts operation=rollback': 1,
    'operation_duration_seconds_count set=artifacts operation=verify': 2,
    'operation_duration_seconds_count set=artifacts operation=recovery': 0,
    'level_limit_seconds set=artifacts level=rollback': 300,
    'level_broken set=artifacts level=rollback': 0,
    'level_measured set=artifacts level=recovery': 0,
    'pending_promotions set=artifacts environment=production': 1,
    'missing_approvals set=artifacts environment=production': 1,
    'missing_approvals set=artifacts environment=staging': 0,
    'promotions_total set=artifacts environment=staging action=promote': 1,
    policy_version: 4,
    policy_expires_in_seconds: Date.parse('2099-01-01T00:00:00Z') / 1000 - takenSec - 90,
  });
  expect(
    Object.keys(found).filter((name) => /drift|level_broken set=artifacts level=re(covery|hearsal)/.test(name)),
  ).toEqual([]);
  expect(await metricsOf(ada, '--drift')).toMatchObject({ 'drift_paths set=artifacts': 2 });
  DOCUMENTS.metrics.parse(await ada.json('snapshot', 'metrics'));
  expect(lintMetrics(await ada.ok('snapshot', 'metrics', '--format', 'prometheus'))).toBe('');

  // A server: bare, and nobody's key is there.
  const bare = tempRepo('--bare');
  ada.git('push', '-q', bare.dir, 'refs/*:refs/*');
  const server = around(bare, { GIT_SNAPSHOT_TRUST_ROOT: root, XDG_CONFIG_HOME: join(bare.dir, 'none') });
  expect((await metricsOf(server.at(nowMs)))['last_snapshot_age_seconds set=artifacts']).toBe(90);
  expect((await server.run(['snapshot', 'metrics', '--drift'])).code).toBe(3);

  // What is wrong with the log is told, not hidden by a failure.
  ada.git(
    'update-ref',
    'refs/notes/snapshots',
    ada.git('commit-tree', '-p', 'refs/notes/snapshots', '-m', 'x', 'refs/notes/snapshots^{tree}'),
  );
  expect((await metricsOf(ada))['log_findings']).toBe(1);
});

test('a file is there as a whole or not at all, and everybody may read it', async () => {
  const { ada } = await adaAndBen({ threshold: 1 });
  const file = join(ada.dir, 'out/snapshots.prom');
  const write = ['snapshot', 'metrics', '--format', 'prometheus', '--out', file];
  expect(await ada.run(write)).toMatchObject({ code: 2, stdout: '' });
  ada.git('init', '-q', join(ada.dir, 'out'));
  writeFileSync(file, 'old');
  chmodSync(file, 0o600);
  const before = process.umask(0o077);
  try {
    expect(await ada.ok(...write)).toBe('');
  } finally {
    process.umask(before);
  }
  expect(lintMetrics(readFileSync(file, 'utf8'))).toBe('');
  expect(statSync(file).mode & 0o777).toBe(0o644);
  expect(readdirSync(join(ada.dir, 'out')).sort()).toEqual(['.git', 'snapshots.prom']);

  // Where the policy is not to be believed, what was there stays.
  const good = readFileSync(file, 'utf8');
  const env = { GIT_SNAPSHOT_TRUST_ROOT: `sha256:${'0'.repeat(64)}` };
  expect((await ada.run(write, { env })).code).toBe(6);
  expect(readFileSync(file, 'utf8')).toBe(good);
});
