import { describe, expect, test } from 'vitest';
import type { GateSubject } from '../../src/core/gates/port.ts';
import { runGate, subjectOf, told } from './subject.ts';

const made = (...checks: string[]) => checks.map((check) => ({ check, ok: true, detail: `${check} is good` }));
const TAG_CHECKS = made('ref', 'format', 'repository', 'set', 'policy', 'signature', 'log');
const CONTENT_CHECKS = made('tree', 'content', 'manifest');

const withChecks = (checks: GateSubject['checks']) => subjectOf({}, { checks });

describe('the gates of what was verified', () => {
  const CASES = [
    ['signature', TAG_CHECKS],
    ['manifest', CONTENT_CHECKS],
  ] as const;

  test.each(CASES)('%s passes when all of its checks were made and are good', async (type, checks) => {
    const result = await runGate({ type }, withChecks([...checks, { check: 'other', ok: false, detail: '' }]));
    expect(result).toMatchObject({ verdict: 'pass', violations: [] });
    expect(JSON.parse(result.evidence)['checks']).toHaveLength(checks.length);
  });

  test.each(CASES)('%s fails when any one was not made, or is bad', async (type, checks) => {
    for (const [i, { check }] of checks.entries()) {
      expect(told(await runGate({ type }, withChecks(checks.toSpliced(i, 1))))).toEqual([`${check}: was not checked`]);
      const bad = { check, ok: false, detail: 'is bad\x1b' };
      const result = await runGate({ type }, withChecks([...checks, bad]));
      expect(result).toMatchObject({
        verdict: 'fail',
        detail: '1 violation',
        violations: [{ message: `${check}: is bad\\u{1b}` }],
      });
    }
    expect(await runGate({ type }, withChecks([]))).toMatchObject({ verdict: 'fail' });
  });
});

describe('running a gate', () => {
  const FILES = { 'a.json': '[]' };
  const INDEX = { type: 'index', file: 'a.json', timeout: 1 };

  test.each<[string, unknown, string]>([
    ['an error', new Error('cannot read\nit'), 'cannot read\\u{a}it'],
    ['a bug', new TypeError('x is not a function'), 'x is not a function'],
    ['no error at all', 'gone', 'gone'],
    ['a very long error', new Error('x'.repeat(10_000)), `${'x'.repeat(500)}…`],
  ])('makes a verdict of %s', async (_, error, detail) => {
    const subject = { ...subjectOf(FILES), read: () => Promise.reject(error) };
    expect(await runGate(INDEX, subject)).toMatchObject({ verdict: 'error', detail, violations: [] });
  });

  test('makes a verdict of content that never comes', async () => {
    const subject = { ...subjectOf(FILES), read: () => new Promise<string>(() => {}) };
    const result = await runGate(INDEX, subject);
    expect(result).toMatchObject({ verdict: 'error', detail: 'no verdict after 1 s, its time limit' });
  });

  test('makes the same evidence of the same, and other evidence of anything else', async () => {
    const evidence = async (gate: object, files: Record<string, string>) =>
      (await runGate({ ...INDEX, ...gate }, subjectOf(files))).evidence;
    const one = await evidence({}, FILES);
    expect(await evidence({}, FILES)).toBe(one);
    expect(await evidence({ ignore: ['x'] }, FILES)).not.toBe(one);
    expect(await evidence({}, { 'a.json': '[ ]' })).not.toBe(one);
    expect(await evidence({}, { ...FILES, b: '' })).not.toBe(one);
  });
});
