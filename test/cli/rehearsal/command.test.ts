import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RehearseOptions } from '../../../src/flows/rehearsal/rehearse.ts';
import { fakeApp } from '../../support/fake-app.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-repo.ts';
import { fakeRehearsed, fakeReport } from './fake-report.ts';

const FAILED = fakeReport({
  verdict: 'fail',
  rehearsals: [
    fakeRehearsed({
      verdict: 'fail',
      criteria: [{ criterion: 'recovery', limit: '1s', value: '1.4 s', ok: false }],
    }),
  ],
});

function run(argv: readonly string[], { result = fakeReport(), cwd = '/' } = {}) {
  const asked: RehearseOptions[] = [];
  const rehearsal = {
    ...fakeApp().app.rehearsal,
    rehearse: async (options: RehearseOptions) => {
      asked.push(options);
      return result;
    },
  };
  const { app } = fakeApp({ rehearsal });
  return runCli(['rehearse', ...argv], { app, cwd }).then((ended) => ({ ...ended, asked }));
}

test('options become what is asked for', async () => {
  const usual = { set: undefined, snapshot: undefined, environment: undefined, allLive: false, sample: 0 };
  const { asked } = await run([]);
  expect(asked).toEqual([{ ...usual, faults: false, health: false, record: true }]);
  const all = await run([
    '--env',
    'production',
    '--sample',
    '3',
    '--faults',
    '--health',
    '--no-record',
    '--set',
    'models',
  ]);
  expect(all.asked).toEqual([
    { ...usual, set: 'models', environment: 'production', sample: 3, faults: true, health: true, record: false },
  ]);
  for (const argv of [
    ['x', '--env', 'y'],
    ['x', '--all-live'],
    ['--env', 'y', '--all-live'],
  ])
    expect((await run(argv)).code, argv.join(' ')).toBe(2);
});

test('the table has the verdict, the criteria, what was measured; a criterion that is not met ends with 7', async () => {
  const good = await run([]);
  expect(good.code).toBe(0);
  expect(good.stdout).toContain('rehearsal of artifacts: passed (5.3 s)');
  expect(good.stdout).toMatch(/recovery +ok +5 min +1\.4 s/);
  expect(good.stdout).toContain('stage 640 ms');
  expect(good.stdout).toContain(`sha256:${'d'.repeat(64)}`);
  expect((await run(['--quiet'])).stdout).toBe('rehearsal of artifacts: passed (5.3 s)\n');
  const bad = await run([], { result: FAILED });
  expect(bad.code).toBe(7);
  expect(bad.stdout).toContain('rehearsal of artifacts: FAILED');
  expect(bad.stdout).toContain('recovery of 20261122T090000Z-0123456789ab: 1.4 s (limit: 1 s)');
  expect((await run(['--quiet'], { result: FAILED })).stdout).toContain('FAILED');
});

test('pages go to files or to standard output, which takes one report', async () => {
  const cwd = tempDir();
  const files = await run(['--markdown', 'r.md', '--html', 'r.html', '--json'], { cwd });
  expect(files.code).toBe(0);
  expect(JSON.parse(files.stdout)).toMatchObject({ verdict: 'pass' });
  expect(readFileSync(join(cwd, 'r.md'), 'utf8')).toMatch(/^# Rehearsal of `artifacts`: passed\n/);
  expect(readFileSync(join(cwd, 'r.html'), 'utf8')).toMatch(/^<!doctype html>\n/);
  expect((await run(['--markdown', '-'])).stdout).toMatch(/^# Rehearsal/);
  expect((await run(['--html', '-'])).stdout).toMatch(/^<!doctype html>/);
  for (const argv of [
    ['--markdown', '-', '--html', '-'],
    ['--html', '-', '--json'],
  ]) {
    const { code, asked } = await run(argv);
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
  }
  expect(existsSync(join(cwd, '-'))).toBe(false);
  // Nothing is rehearsed and signed if its report has nowhere to go.
  expect(await run(['--html', 'none/r.html'], { cwd })).toMatchObject({ code: 2, asked: [] });
});
