import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { metricFamilies } from '../../src/core/metrics/families.ts';

const ROOT = join(import.meta.dirname, '../..');

function promtool(...words: string[]) {
  const { status, stdout, stderr } = spawnSync('promtool', words, { cwd: ROOT, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

test('the rules for alerts are well-formed', () => {
  const { status, said } = promtool('check', 'rules', 'docs/alerts.yml');
  expect(said).toContain('SUCCESS: 14 rules found');
  expect(status).toBe(0);
});

test('each rings when it should, and not before', () => {
  const { status, said } = promtool('test', 'rules', 'test/docs/alerts.test.yml');
  expect(said).toContain('SUCCESS');
  expect(status).toBe(0);
  const rules = readFileSync(join(ROOT, 'docs/alerts.yml'), 'utf8').matchAll(/- alert: (\w+)/g);
  const tested = readFileSync(join(ROOT, 'test/docs/alerts.test.yml'), 'utf8');
  for (const [, name] of rules) expect(tested).toMatch(new RegExp(`alertname: ${name}\\n        exp_alerts:\\n`));
});

test('they ask for metrics that there are', () => {
  const families = metricFamilies({
    nowSec: 0,
    version: '1',
    policy: { version: 1, expiresAtSec: undefined },
    keys: [],
    log: { findings: 0, voided: 0, events: [] },
    unfinishedRollbacks: 0,
    sets: [],
  });
  const names = new Set(families.map(({ name, type }) => (type === 'counter' ? `${name}_total` : name)));
  const asked = readFileSync(join(ROOT, 'docs/alerts.yml'), 'utf8').match(/\bgit_snapshot_\w+/g) ?? [];
  expect(asked.length).toBeGreaterThan(14);
  expect(asked.filter((name) => !names.has(name))).toEqual([]);
});
