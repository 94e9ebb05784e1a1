import { describe, expect, it } from 'vitest';
import { Retention } from '../../../src/core/policy/retention-schema.ts';
import { requireAtMost, requireRule, requireSomeLeft } from '../../../src/core/retention/rails.ts';
import { hasRule, rulesOfRetention } from '../../../src/core/retention/rules.ts';
import { plan } from './support.ts';

const COMPLETE = {
  keepLast: 3,
  keepHourly: 24,
  keepDaily: 7,
  keepWeekly: 4,
  keepMonthly: 12,
  keepYearly: 'unlimited',
  keepWithin: '7d',
  keepWithinHourly: '2d',
  keepWithinDaily: '14d',
  keepWithinWeekly: '2m',
  keepWithinMonthly: '1y6m',
  keepWithinYearly: '10y',
  keepLabels: [['release=yes', 'tier=gold'], ['keep=1']],
  timezone: 'Europe/Vienna',
  anchor: 'now',
  maxRemove: 50,
  grace: '30d',
  pruneOnCreate: true,
} as const;

describe('retention in a policy', () => {
  it('may say all there is, or nothing', () => {
    expect(Retention.parse(COMPLETE)).toEqual(COMPLETE);
    expect(Retention.parse({})).toEqual({});
  });

  it.each([
    [{ keepLast: -1 }, ['keepLast'], 'is below 0'],
    [{ keepDaily: 1.5 }, ['keepDaily'], 'not a whole number from 0 on, or unlimited'],
    [{ keepYearly: 'all' }, ['keepYearly'], 'not a whole number from 0 on, or unlimited'],
    [{ keepWithin: '7' }, ['keepWithin'], 'not a duration such as 7d or 1y6m: 7 has no unit'],
    [{ grace: '-1d' }, ['grace'], 'not a duration such as 7d or 1y6m: it has a sign'],
    [{ keepWithinDaily: '2w' }, ['keepWithinDaily'], "not a duration such as 7d or 1y6m: 'w' is not a unit"],
    [{ keepLabels: [['Release=yes']] }, ['keepLabels', 0, 0], 'not a label such as release=yes'],
    [{ timezone: 'CET/Nowhere' }, ['timezone'], 'not a time zone'],
  ])('refuses %j', (written, path, message) => {
    expect(Retention.safeParse(written).error?.issues).toMatchObject([{ path, message }]);
  });

  it('refuses a list of no labels, which every snapshot would have', () => {
    expect(Retention.safeParse({ keepLabels: [[]] }).success).toBe(false);
  });

  it('refuses what it does not know, and a run that may remove nothing', () => {
    expect(Retention.safeParse({ keepForever: 1 }).success).toBe(false);
    expect(Retention.safeParse({ maxRemove: 0 }).success).toBe(false);
    expect(Retention.safeParse({ anchor: 'oldest' }).success).toBe(false);
  });
});

describe('rulesOfRetention', () => {
  it('keeps the last 20 where the policy says nothing', () => {
    const rules = rulesOfRetention(undefined);
    expect(rules).toMatchObject({
      keepLast: 20,
      keepLabels: [],
      keepWithin: undefined,
      timezone: 'UTC',
      anchor: 'newest',
    });
    expect(Object.values(rules.keep)).toEqual([0, 0, 0, 0, 0]);
  });

  it('adds nothing to what the policy says', () => {
    expect(rulesOfRetention({ keepDaily: 7 }).keepLast).toBe(0);
    expect(hasRule(rulesOfRetention({ timezone: 'Europe/Vienna' }))).toBe(false);
  });

  it('takes over every field', () => {
    const days = (days: number) => ({ years: 0, months: 0, days, hours: 0 });
    expect(rulesOfRetention(Retention.parse(COMPLETE))).toEqual({
      keepLast: 3,
      keep: { hour: 24, day: 7, week: 4, month: 12, year: 'unlimited' },
      keepWithin: days(7),
      keepEachWithin: {
        hour: days(2),
        day: days(14),
        week: { ...days(0), months: 2 },
        month: { ...days(0), years: 1, months: 6 },
        year: { ...days(0), years: 10 },
      },
      keepLabels: [
        [
          { key: 'release', value: 'yes' },
          { key: 'tier', value: 'gold' },
        ],
        [{ key: 'keep', value: '1' }],
      ],
      timezone: 'Europe/Vienna',
      anchor: 'now',
    });
  });
});

describe('rails', () => {
  it.each([{}, { keepLast: 0, keepDaily: 0 }, { keepWithin: '0d', keepWithinDaily: '0y' }, { keepLabels: [] }])(
    'refuse %j: no rule at all',
    (written) => {
      expect(() => requireRule(rulesOfRetention(written), 'models')).toThrow(
        expect.objectContaining({ kind: 'config', message: "no rule keeps any snapshot of 'models'" }),
      );
    },
  );

  it.each([
    { keepYearly: 1 },
    { keepLast: 'unlimited' as const },
    { keepWithinHourly: '1h' },
    { keepLabels: [['a=b']] },
  ])('allow %j', (written) => {
    expect(() => requireRule(rulesOfRetention(written), 'models')).not.toThrow();
  });

  it('refuse to leave nothing, and allow to remove nothing', () => {
    expect(() => requireSomeLeft(plan(['2026-01-01'], { keepLabels: [['a=b']] }), 'models')).toThrow(
      expect.objectContaining({ kind: 'config', message: "nothing would be left of 'models'" }),
    );
    expect(() => requireSomeLeft(plan([], { keepLast: 1 }), 'models')).not.toThrow();
    expect(() => requireSomeLeft(plan(['2026-01-02', '2026-01-01'], { keepLast: 1 }), 'models')).not.toThrow();
  });

  it('refuse to remove more than was allowed', () => {
    expect(() => requireAtMost(100, 100)).not.toThrow();
    expect(() => requireAtMost(100, 101)).toThrow(
      expect.objectContaining({ kind: 'config', message: '101 snapshots would be removed, more than 100' }),
    );
  });
});
