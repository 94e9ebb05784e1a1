import { describe, expect, test } from 'vitest';
import { judgeLevels, type Level } from '../../../src/core/levels/judge.ts';
import type { LevelName } from '../../../src/core/levels/limits.ts';
import { measurementsOf } from '../../../src/core/levels/measurements.ts';
import type { Policy } from '../../../src/core/policy/schema.ts';
import { HOUR_SEC, logOf, START_SEC, type Told } from './events.ts';

interface Case {
  readonly voided?: readonly number[];
  readonly policy?: Pick<Policy, 'serviceLevels' | 'rehearsal'>;
  readonly sinceSec?: number;
  readonly set?: string;
}

function levelsOf(told: readonly Told[], { voided = [], policy = {}, sinceSec, set = 'artifacts' }: Case = {}) {
  const log = logOf(told, voided);
  const levels = judgeLevels(measurementsOf(log, set), policy, { nowSec: log.nowSec, sinceSec });
  return Object.fromEntries(levels.map((level) => [level.level, level])) as Record<LevelName, Level>;
}

const verdicts = (levels: Record<LevelName, Level>) =>
  Object.fromEntries(Object.entries(levels).map(([name, { verdict }]) => [name, verdict]));

describe('what was never measured', () => {
  test('is neither met nor broken', () => {
    expect(verdicts(levelsOf([]))).toEqual({
      'snapshot-age': 'unmeasured',
      snapshot: 'unmeasured',
      verify: 'unmeasured',
      rollback: 'unmeasured',
      recovery: 'unmeasured',
      'rehearsal-age': 'unmeasured',
    });
  });

  test('breaks a limit of age that the policy itself sets', () => {
    const policy = { serviceLevels: { snapshotAge: '1d', rollback: '1m' }, rehearsal: { maxAge: '7d' } };
    expect(verdicts(levelsOf([], { policy }))).toMatchObject({
      'snapshot-age': 'broken',
      'rehearsal-age': 'broken',
      rollback: 'unmeasured',
    });
  });

  test('stays unmeasured where events tell no times', () => {
    const levels = levelsOf([{ type: 'snapshot' }, { type: 'promotion' }]);
    expect(verdicts(levels)).toMatchObject({ snapshot: 'unmeasured', verify: 'unmeasured' });
  });
});

describe('a time', () => {
  const rollbacks = (...times: number[]): Told[] => times.map((durationMs) => ({ type: 'rollback', durationMs }));

  test.each([
    ['at the limit', [300_000], 'met'],
    ['a millisecond above it', [300_001], 'broken'],
    ['too long the last time, of many', [...Array<number>(99).fill(1000), 400_000], 'broken'],
    ['too long once, of many', [400_000, ...Array<number>(99).fill(1000)], 'met'],
    ['too long once, of few', [400_000, ...Array<number>(10).fill(1000)], 'broken'],
    ['too long for 6 of 100', [...Array<number>(6).fill(400_000), ...Array<number>(94).fill(1000)], 'broken'],
  ])('%s', (_, times, verdict) => {
    const { rollback } = levelsOf(rollbacks(...times));
    expect(rollback.verdict).toBe(verdict);
    expect(rollback.times).toMatchObject({ count: times.length, worstMs: Math.max(...times), lastMs: times.at(-1) });
  });

  test('is held against the limit of the policy', () => {
    const policy = { serviceLevels: { rollback: '2s' } };
    const { rollback } = levelsOf(rollbacks(2001), { policy });
    expect(rollback).toMatchObject({ verdict: 'broken', limit: { limitSec: 2, source: 'policy' } });
    expect(levelsOf(rollbacks(2001)).rollback.limit).toEqual({ limitSec: 300, source: 'default' });
  });

  test('of a rollback that was taken back, or of some paths alone, does not count', () => {
    const { rollback } = levelsOf([
      { type: 'rollback', durationMs: 1, outcome: 'reverted' },
      { type: 'rollback', durationMs: 2, paths: ['a'] },
      { type: 'rollback', durationMs: 3 },
    ]);
    expect(rollback.times).toMatchObject({ count: 1, lastMs: 3 });
  });

  test('of an event that does not count any more does not count', () => {
    const { snapshot } = levelsOf([{ type: 'snapshot', durationMs: 90_000 }], { voided: [0] });
    expect(snapshot.verdict).toBe('unmeasured');
  });

  test('of another set does not count', () => {
    expect(levelsOf([{ type: 'snapshot', durationMs: 1, set: 'models' }]).snapshot.verdict).toBe('unmeasured');
    expect(levelsOf([{ type: 'snapshot', durationMs: 1, set: 'models' }], { set: 'models' }).snapshot.verdict).toBe(
      'met',
    );
  });

  test('from before the period is left out, and ages are as they are', () => {
    const told: Told[] = [
      { type: 'snapshot', durationMs: 90_000 },
      { type: 'snapshot', durationMs: 1000 },
    ];
    const levels = levelsOf(told, { sinceSec: START_SEC + HOUR_SEC });
    expect(levels.snapshot).toMatchObject({ verdict: 'met', times: { count: 1, worstMs: 1000 } });
    const later = levelsOf(told, { sinceSec: START_SEC + 9 * HOUR_SEC });
    expect(later.snapshot.verdict).toBe('unmeasured');
    expect(later['snapshot-age'].ageSec).toBe(HOUR_SEC);
  });

  test('of a rehearsal that did not bring the directory back does not count', () => {
    const levels = levelsOf([
      { type: 'rehearsal', recoveryMs: 30_000, verdict: 'pass' },
      { type: 'rehearsal', recoveryMs: 565, verdict: 'fail', failed: 'exact' },
    ]);
    expect(levels.recovery.times).toMatchObject({ count: 1, lastMs: 30_000 });
  });

  test('of a rehearsal that failed by being slow counts', () => {
    const levels = levelsOf([{ type: 'rehearsal', recoveryMs: 400_000, verdict: 'fail' }]);
    expect(verdicts(levels)).toMatchObject({ recovery: 'broken', 'rehearsal-age': 'unmeasured' });
  });
});

describe('an age', () => {
  test('has no limit unless the policy sets it', () => {
    expect(levelsOf([{ type: 'snapshot' }])['snapshot-age']).toMatchObject({ verdict: 'unlimited', ageSec: HOUR_SEC });
    const policy = { serviceLevels: { snapshotAge: '1h' } };
    expect(levelsOf([{ type: 'snapshot' }], { policy })['snapshot-age'].verdict).toBe('met');
    const late = levelsOf([{ type: 'snapshot' }, { type: 'promotion' }], { policy });
    expect(late['snapshot-age']).toMatchObject({ verdict: 'broken', ageSec: 2 * HOUR_SEC, sinceSec: START_SEC });
  });

  test('is that of the last snapshot that somebody took and that is kept', () => {
    const told: Told[] = [
      { type: 'snapshot' },
      { type: 'snapshot' },
      { type: 'snapshot', backup: true },
      { type: 'prune', removed: [1] },
    ];
    expect(levelsOf(told)['snapshot-age'].sinceSec).toBe(START_SEC);
  });

  test('is that of the last rehearsal that passed', () => {
    const told: Told[] = [
      { type: 'rehearsal', recoveryMs: 1, verdict: 'pass' },
      { type: 'rehearsal', recoveryMs: 1, verdict: 'fail' },
    ];
    expect(levelsOf(told)['rehearsal-age']).toMatchObject({
      verdict: 'met',
      sinceSec: START_SEC,
      ageSec: 2 * HOUR_SEC,
    });
  });

  test('is at least nothing, though snapshots taken at once run ahead of the clock', () => {
    const log = logOf([{ type: 'snapshot' }]);
    const [age] = judgeLevels(measurementsOf(log, 'artifacts'), {}, { nowSec: START_SEC - 3, sinceSec: undefined });
    expect(age?.ageSec).toBe(0);
  });
});
