import { describe, expect, it } from 'vitest';
import { kept, plan, removed, taken } from './support.ts';

describe('worked cases', () => {
  const OLDEST = ['2026-01-01T10:00:00Z', '2026-01-01T11:00:00Z', '2026-01-02'];

  it('keeps the oldest while slots are left', () => {
    const result = plan(OLDEST, { keepDaily: 5 });
    expect(kept(result)).toEqual({
      '2026-01-02': ['daily'],
      '2026-01-01T11:00:00Z': ['daily'],
      '2026-01-01T10:00:00Z': ['oldest daily'],
    });
    expect(removed(result)).toEqual([]);
  });

  it('does not keep the oldest where the slots are used', () => {
    const result = plan(OLDEST, { keepDaily: 2 });
    expect(kept(result)).toEqual({ '2026-01-02': ['daily'], '2026-01-01T11:00:00Z': ['daily'] });
    expect(removed(result)).toEqual(['2026-01-01T10:00:00Z']);
  });

  it('leaves out what is exactly at the cutoff', () => {
    const result = plan(['2026-08-01', '2026-08-08T00:00:00Z', '2026-08-08T00:00:01Z', '2026-08-15T00:00:00Z'], {
      keepWithin: '7d',
    });
    expect(kept(result)).toEqual({ '2026-08-15T00:00:00Z': ['within 7d'], '2026-08-08T00:00:01Z': ['within 7d'] });
    expect(removed(result)).toEqual(['2026-08-08T00:00:00Z', '2026-08-01']);
  });

  it('goes by ISO weeks', () => {
    const result = plan(['2025-12-28', '2025-12-29', '2026-01-04', '2026-01-05'], { keepWeekly: 10 });
    expect(kept(result)).toEqual({ '2026-01-05': ['weekly'], '2026-01-04': ['weekly'], '2025-12-28': ['weekly'] });
    expect(removed(result)).toEqual(['2025-12-29']);
  });

  it('lets one snapshot use slots of several rules', () => {
    const result = plan(['2026-06-30', '2026-07-31', '2026-08-21', '2026-08-22'], {
      keepLast: 1,
      keepDaily: 2,
      keepMonthly: 2,
    });
    expect(kept(result)).toEqual({
      '2026-08-22': ['last', 'daily', 'monthly'],
      '2026-08-21': ['daily'],
      '2026-07-31': ['monthly'],
    });
    expect(removed(result)).toEqual(['2026-06-30']);
  });
});

describe('candidates', () => {
  it('orders equal instants by id, descending', () => {
    const result = plan(
      [taken('2026-01-01', { id: 'a' }), taken('2026-01-01', { id: 'c' }), taken('2026-01-01', { id: 'b' })],
      {
        keepLast: 1,
      },
    );
    expect(Object.keys(kept(result))).toEqual(['c']);
    expect(removed(result)).toEqual(['b', 'a']);
  });

  it('neither removes nor counts what is dated more than five minutes after now', () => {
    const snapshots = ['2026-01-01T00:05:01Z', '2026-01-01T00:05:00Z', '2025-12-31', '2025-12-30'];
    const result = plan(snapshots, { keepLast: 1 }, { now: '2026-01-01T00:00:00Z' });
    expect(kept(result)).toEqual({ '2026-01-01T00:05:01Z': ['future'], '2026-01-01T00:05:00Z': ['last'] });
    expect(removed(result)).toEqual(['2025-12-31', '2025-12-30']);
  });

  it('does not count back from one of the future', () => {
    const result = plan(
      ['2027-01-01', '2026-01-08', '2026-01-02', '2026-01-01'],
      { keepWithin: '7d' },
      { now: '2026-01-09' },
    );
    expect(kept(result)).toEqual({
      '2027-01-01': ['future'],
      '2026-01-08': ['within 7d'],
      '2026-01-02': ['within 7d'],
    });
  });

  it('plans where there is nothing, and where all is of the future', () => {
    expect(plan([], { keepDaily: 1 })).toEqual({ keep: [], remove: [] });
    expect(kept(plan(['2028-01-01', '2027-01-01'], { keepWithin: '1d' }))).toEqual({
      '2028-01-01': ['future'],
      '2027-01-01': ['future'],
    });
  });
});

describe('protections', () => {
  it('come first among the reasons, and use up no slot', () => {
    const snapshots = [
      taken('2026-01-03', { protections: ['hold CASE-1', 'live production'] }),
      '2026-01-02',
      taken('2026-01-01', { protections: ['promoted production'] }),
      '2025-12-31',
    ];
    expect(kept(plan(snapshots, { keepLast: 2 }))).toEqual({
      '2026-01-03': ['hold CASE-1', 'live production', 'last'],
      '2026-01-02': ['last'],
      '2026-01-01': ['promoted production'],
    });
  });

  it('hold for what is of the future, too', () => {
    expect(kept(plan([taken('2027-06-01', { protections: ['hold A'] })], { keepLast: 1 }))).toEqual({
      '2027-06-01': ['future', 'hold A'],
    });
  });
});

describe('rules', () => {
  it('keeps what has all labels of one list, without counting', () => {
    const snapshots = [
      taken('2026-01-04', { labels: ['release=yes', 'tier=gold'] }),
      taken('2026-01-03', { labels: ['release=yes'] }),
      taken('2026-01-02', { labels: ['keep=1', 'release=no'] }),
      '2026-01-01',
    ];
    expect(kept(plan(snapshots, { keepLabels: [['release=yes', 'tier=gold'], ['keep=1']], keepLast: 1 }))).toEqual({
      '2026-01-04': ['label release=yes,tier=gold', 'last'],
      '2026-01-02': ['label keep=1'],
    });
  });

  it('gives reasons in one order', () => {
    const rules = {
      keepWithinYearly: '1y',
      keepWithinHourly: '1d',
      keepYearly: 1,
      keepHourly: 1,
      keepWithin: '1d',
      keepLast: 1,
      keepLabels: [['a=b']],
    };
    expect(kept(plan([taken('2026-01-01', { labels: ['a=b'] })], rules))).toEqual({
      '2026-01-01': ['label a=b', 'within 1d', 'last', 'hourly', 'yearly', 'hourly within 1d', 'yearly within 1y'],
    });
  });

  it.each([
    [
      'keepHourly',
      ['2026-03-01T10:59:59Z', '2026-03-01T10:00:00Z', '2026-03-01T09:59:59Z', '2026-02-01T09:30:00Z'],
      [0, 2, 3],
    ],
    ['keepDaily', ['2026-03-01T23:00:00Z', '2026-03-01T00:00:00Z', '2026-02-28T23:59:59Z', '2026-01-28'], [0, 2, 3]],
    ['keepWeekly', ['2026-03-08', '2026-03-02', '2026-03-01', '2025-03-01'], [0, 2, 3]],
    ['keepMonthly', ['2026-03-31', '2026-03-01', '2026-02-28', '2025-02-28'], [0, 2, 3]],
    ['keepYearly', ['2026-03-31', '2026-01-01', '2025-12-31', '2024-12-31'], [0, 2, 3]],
  ] as const)('%s keeps the newest of each, however long ago the next is', (rule, snapshots, indexes) => {
    expect(Object.keys(kept(plan(snapshots, { [rule]: 3 })))).toEqual(indexes.map((i) => snapshots[i]));
  });

  it('does not take a week for a month', () => {
    expect(kept(plan(['2026-01-04', '2026-01-01'], { keepWeekly: 1, keepMonthly: 1 }))).toEqual({
      '2026-01-04': ['weekly', 'monthly'],
    });
  });

  it('keeps without end what is unlimited', () => {
    const days = Array.from({ length: 28 }, (_, i) => `2026-02-${String(i + 1).padStart(2, '0')}`);
    expect(plan(days, { keepDaily: 'unlimited' }).remove).toEqual([]);
    expect(plan(days, { keepLast: 'unlimited' }).remove).toEqual([]);
  });

  it('uses a slot for the oldest of all, too', () => {
    expect(kept(plan(['2026-01-01T10:00:00Z', '2026-01-01T11:00:00Z'], { keepDaily: 1 }))).toEqual({
      '2026-01-01T11:00:00Z': ['daily'],
    });
    expect(kept(plan(['2026-01-01T10:00:00Z', '2026-01-01T11:00:00Z'], { keepDaily: 2 }))).toEqual({
      '2026-01-01T11:00:00Z': ['daily'],
      '2026-01-01T10:00:00Z': ['oldest daily'],
    });
  });

  it('keeps one of each period inside a window, and the oldest of all only inside', () => {
    const snapshots = [
      '2026-01-05T12:00:00Z',
      '2026-01-05T11:00:00Z',
      '2026-01-04',
      '2026-01-03T01:00:00Z',
      '2026-01-03',
    ];
    expect(kept(plan(snapshots, { keepWithinDaily: '2d12h' }))).toEqual({
      '2026-01-05T12:00:00Z': ['daily within 2d12h'],
      '2026-01-04': ['daily within 2d12h'],
      '2026-01-03T01:00:00Z': ['daily within 2d12h'],
    });
    expect(kept(plan(snapshots, { keepWithinDaily: '1m' }))['2026-01-03']).toEqual(['oldest daily within 1m']);
  });

  it('takes a length of nothing for no rule', () => {
    expect(kept(plan(['2026-01-02', '2026-01-01'], { keepWithin: '0d', keepLast: 1 }))).toEqual({
      '2026-01-02': ['last'],
    });
  });

  it('counts back from the newest, or from now', () => {
    const snapshots = ['2026-01-08', '2026-01-04', '2026-01-01'];
    expect(removed(plan(snapshots, { keepWithin: '5d' }, { now: '2026-01-10' }))).toEqual(['2026-01-01']);
    expect(removed(plan(snapshots, { keepWithin: '5d', anchor: 'now' }, { now: '2026-01-10' }))).toEqual([
      '2026-01-04',
      '2026-01-01',
    ]);
  });
});

describe('time zones', () => {
  const snapshots = ['2026-08-21T23:30:00Z', '2026-08-21T21:30:00Z', '2026-08-21T20:30:00Z'];

  it('have days of their own', () => {
    expect(kept(plan(snapshots, { keepDaily: 2 }))).toEqual({
      '2026-08-21T23:30:00Z': ['daily'],
      '2026-08-21T20:30:00Z': ['oldest daily'],
    });
    expect(kept(plan(snapshots, { keepDaily: 2, timezone: 'Europe/Vienna' }))).toEqual({
      '2026-08-21T23:30:00Z': ['daily'],
      '2026-08-21T21:30:00Z': ['daily'],
    });
  });
});
