import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnapshotError } from '../../../src/core/errors.ts';
import { passedSec } from '../../../src/core/retention/duration.ts';
import { explainSnapshot } from '../../../src/core/retention/explain.ts';
import { type Candidate, planRetention } from '../../../src/core/retention/plan.ts';
import { rulesOfRetention, type WrittenRules } from '../../../src/core/retention/rules.ts';
import { openZone } from '../../../src/core/retention/zone.ts';
import { fuzzRuns } from '../arbitraries.ts';
import { arbRules, arbSnapshots, NOW_SEC } from './arbitraries.ts';
import { plan, taken } from './support.ts';

const reasonOf = (snapshots: readonly string[], { rules, id }: { rules: WrittenRules; id: string }) =>
  plan(snapshots, rules).remove.find((snapshot) => snapshot.id === id)?.reason;

const goesOf = (snapshots: readonly (string | Candidate)[], rules: WrittenRules, now = '2026-12-31') => {
  const result = plan(snapshots, rules, { now });
  const explained = result.keep.map(({ id }) => explainSnapshot(result, id));
  return Object.fromEntries(explained.map((one) => [one.id, one.isKept ? one.reasons.map(({ goes }) => goes) : []]));
};

describe('why one is removed', () => {
  it('names the rule that kept it longest, and since when that does not', () => {
    const snapshots = ['2026-01-05T12:00:00Z', '2026-01-05T10:00:00Z', '2026-01-04', '2026-01-03', '2026-01-02'];
    const rules = { keepLast: 1, keepDaily: 2 };
    expect(reasonOf(snapshots, { rules, id: '2026-01-05T10:00:00Z' })).toBe(
      'not kept by last since 2026-01-05T12:00:00Z',
    );
    expect(reasonOf(snapshots, { rules, id: '2026-01-03' })).toBe('not kept by daily since 2026-01-05T10:00:00Z');
    expect(reasonOf(snapshots, { rules, id: '2026-01-02' })).toBe('not kept by daily since 2026-01-04T00:00:00Z');
  });

  it('knows when a window has left it behind', () => {
    const snapshots = ['2026-08-15', '2026-08-09T00:00:01Z', '2026-08-08', '2026-08-01'];
    const rules = { keepWithin: '7d' };
    expect(reasonOf(snapshots, { rules, id: '2026-08-01' })).toBe('not kept by within 7d since 2026-08-08T00:00:00Z');
    expect(reasonOf(snapshots, { rules, id: '2026-08-08' })).toBe('not kept by within 7d since 2026-08-15T00:00:00Z');
    expect(reasonOf(snapshots, { rules: { ...rules, anchor: 'now' }, id: '2026-08-01' })).toBe(
      'not kept by within 7d since 2026-08-08T00:00:00Z',
    );
  });

  it('says where no rule ever kept it', () => {
    expect(reasonOf([...['2026-01-02', '2026-01-01']], { rules: { keepLabels: [['a=b']] }, id: '2026-01-01' })).toBe(
      'no rule ever kept it',
    );
  });

  it('is true: until then it was kept, going by what there is, and from then on not', () => {
    const bare = arbSnapshots.map((all) => all.map((one) => ({ ...one, protections: [] })));
    fc.assert(
      fc.property(bare, arbRules, (snapshots, written) => {
        const rules = rulesOfRetention(written);
        const keptAt = (sec: number, id: string) =>
          planRetention({ snapshots: snapshots.filter(({ atSec }) => atSec <= sec), rules, nowSec: sec }).keep.some(
            (kept) => kept.id === id,
          );
        for (const { id, atSec, sinceSec } of planRetention({ snapshots, rules, nowSec: NOW_SEC }).remove) {
          if (sinceSec === undefined) continue;
          const news = [...new Set(snapshots.map((one) => one.atSec))].filter(
            (sec) => sec >= sinceSec && sec <= NOW_SEC,
          );
          expect(news.filter((sec) => keptAt(sec, id))).toEqual([]);
          // One that was taken at the same moment as a newer one was never the newest.
          if (sinceSec > atSec) expect(keptAt(sinceSec - 1, id)).toBe(true);
        }
      }),
      fuzzRuns(200),
    );
  });
});

describe('when one goes', () => {
  it('counts what must still come', () => {
    expect(goesOf(['2026-01-03', '2026-01-02', '2026-01-01'], { keepLast: 3, keepDaily: 2 })).toEqual({
      '2026-01-03': ['when 3 more snapshots have been taken', 'when 2 more days have a snapshot'],
      '2026-01-02': ['when 2 more snapshots have been taken', 'when one more day has a snapshot'],
      '2026-01-01': ['with the next snapshot'],
    });
  });

  it('tells of one that takes its place in the period that now is', () => {
    const rules = { keepDaily: 2, keepWithinMonthly: '1y' };
    expect(goesOf(['2026-05-10', '2026-05-09'], rules, '2026-05-10T12:00:00Z')['2026-05-10']).toEqual([
      'when 2 more days have a snapshot, or with the next snapshot of 2026-05-10',
      'with the first snapshot taken at 2027-05-10T00:00:00Z or later, or with the next snapshot of 2026-05',
    ]);
    expect(goesOf(['2026-05-10', '2026-05-09'], { keepDaily: 'unlimited' }, '2026-05-11')).toEqual({
      '2026-05-10': ['never under this policy'],
      '2026-05-09': ['never under this policy'],
    });
  });

  it('knows the instant at which a window leaves it behind', () => {
    expect(goesOf(['2026-08-15', '2026-08-10'], { keepWithin: '7d' }, '2026-08-15')['2026-08-10']).toEqual([
      'with the first snapshot taken at 2026-08-17T00:00:00Z or later',
    ]);
    expect(
      goesOf(['2026-08-15', '2026-08-10'], { keepWithin: '7d', anchor: 'now' }, '2026-08-16')['2026-08-10'],
    ).toEqual(['at 2026-08-17T00:00:00Z']);
    expect(goesOf(['2026-08-15'], { keepWithin: '7d' })['2026-08-15']).toEqual(['with the next snapshot']);
    expect(goesOf(['2026-08-15'], { keepWithin: '999999y' })['2026-08-15']).toEqual(['never under this policy']);
  });

  it('is bound to protections, to the policy, and to its own date', () => {
    const snapshots = [
      '2027-06-01',
      taken('2026-01-02', { protections: ['hold A'] }),
      taken('2026-01-01', { labels: ['a=b'] }),
    ];
    expect(goesOf(snapshots, { keepLabels: [['a=b']] })).toEqual({
      '2027-06-01': ['not before 2027-06-01T00:00:00Z; then the rules decide'],
      '2026-01-02': ['when it is no longer protected'],
      '2026-01-01': ['never under this policy'],
    });
  });

  it('is true of counts and windows: just before it stays, then it goes', () => {
    const present = arbSnapshots.map((all) => all.filter(({ atSec }) => atSec <= NOW_SEC));
    fc.assert(
      fc.property(present, arbRules, (snapshots, { timezone = 'UTC', ...written }) => {
        // One rule at a time.
        for (const [name, value] of Object.entries(written)) {
          const rules = rulesOfRetention({ timezone, [name]: value });
          const { keep } = planRetention({ snapshots, rules, nowSec: NOW_SEC });
          const isKeptWith = (news: readonly number[], id: string) =>
            planRetention({
              snapshots: [
                ...snapshots.map((one) => ({ ...one, protections: [] })),
                ...news.map((atSec, i) => ({ id: `new ${i}`, atSec, labels: [], protections: [] })),
              ],
              rules,
              nowSec: Math.max(NOW_SEC, ...news),
            }).keep.some((kept) => kept.id === id);
          for (const { id, goes } of keep)
            for (const departure of goes) {
              if (departure.kind === 'window') {
                const end = passedSec(departure.sinceSec, { ...departure.duration, zone: openZone(timezone) });
                expect(isKeptWith([Math.max(end, NOW_SEC)], id)).toBe(false);
                if (name === 'keepWithin' && end > NOW_SEC) expect(isKeptWith([end - 1], id)).toBe(true);
              }
              if (departure.kind === 'count' && departure.more !== undefined) {
                // A year apart, they are in periods of their own.
                const news = Array.from({ length: departure.more }, (_, i) => NOW_SEC + (i + 1) * 366 * 86_400);
                expect(isKeptWith(news, id)).toBe(false);
                expect(isKeptWith(news.slice(1), id)).toBe(true);
              }
              if (departure.kind !== 'protection' && 'replacedIn' in departure && departure.replacedIn !== undefined)
                expect(isKeptWith([NOW_SEC], id)).toBe(false);
            }
        }
      }),
      fuzzRuns(100),
    );
  });
});

it('knows no snapshot that is not in the plan', () => {
  expect(() => explainSnapshot(plan([], { keepLast: 1 }), 'x')).toThrow(SnapshotError);
});
