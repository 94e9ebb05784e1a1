import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationSec } from '../../../src/core/policy/duration-schema.ts';
import { type FreezeWindow, WEEKDAYS } from '../../../src/core/policy/environment-schema.ts';
import { frozenAt, nextFreeze } from '../../../src/core/promotion/freeze.ts';
import { fuzzRuns } from '../arbitraries.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK_MINUTES = 7 * 24 * 60;

const utcSec = (text: string) => Date.parse(text) / 1000;

/** The `nth` Sunday of a month at an hour, both of UTC; -1: the last. */
function sunday(year: number, month: number, { nth, hour }: { nth: number; hour: number }): number {
  const days = Array.from({ length: 31 }, (_, i) => new Date(Date.UTC(year, month, i + 1, hour)));
  const sundays = days.filter((day) => day.getUTCMonth() === month && day.getUTCDay() === 0);
  return (sundays.at(nth < 0 ? nth : nth - 1) ?? new Date(Number.NaN)).getTime() / 1000;
}

const LAST = { nth: -1, hour: 1 };

/** Seconds that clocks are ahead of UTC, by the rules in force from 2008 to 2037. */
const OFFSETS: Readonly<Record<string, (atSec: number) => number>> = {
  UTC: () => 0,
  'Asia/Kolkata': () => 5.5 * HOUR,
  'Europe/Vienna': (atSec) => {
    const year = new Date(atSec * 1000).getUTCFullYear();
    return sunday(year, 2, LAST) <= atSec && atSec < sunday(year, 9, LAST) ? 2 * HOUR : HOUR;
  },
  'America/New_York': (atSec) => {
    const year = new Date(atSec * 1000).getUTCFullYear();
    const isSummer = sunday(year, 2, { nth: 2, hour: 7 }) <= atSec && atSec < sunday(year, 10, { nth: 1, hour: 6 });
    return isSummer ? -4 * HOUR : -5 * HOUR;
  },
};

/** The same question, answered by counting minutes since the beginning of the week. */
function isFrozenSlowly(window: FreezeWindow, atSec: number): boolean {
  const localSec = atSec + (OFFSETS[window.zone]?.(atSec) ?? Number.NaN);
  if ('fromDay' in window) return utcSec(window.fromDay) <= localSec && localSec < utcSec(window.toDay) + DAY;
  const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
  const span = minutes(window.to) - minutes(window.from);
  const length = span > 0 ? span : span + 1440;
  // 1970 began on a Thursday.
  const now = (Math.floor(localSec / MINUTE) + 3 * 1440) % WEEK_MINUTES;
  return window.days.some((day) => {
    const start = WEEKDAYS.indexOf(day) * 1440 + minutes(window.from);
    return (now - start + 2 * WEEK_MINUTES) % WEEK_MINUTES < length;
  });
}

const zone = fc.constantFrom(...Object.keys(OFFSETS));
const clock = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`),
  fc.constantFrom('00:00', '24:00', '02:00', '02:30', '03:00'),
);
const FIRST = utcSec('2010-01-01');
const LATEST = utcSec('2036-12-31');
const weekly: fc.Arbitrary<FreezeWindow> = fc.record({
  name: fc.constant('weekly'),
  zone,
  days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
  from: clock,
  to: clock,
});
const dated: fc.Arbitrary<FreezeWindow> = fc
  .record({ zone, start: fc.integer({ min: FIRST, max: LATEST }), days: fc.integer({ min: 0, max: 20 }) })
  .map(({ start, days, ...rest }) => {
    const day = (atSec: number) => new Date(atSec * 1000).toISOString().slice(0, 10);
    return { ...rest, name: 'dated', fromDay: day(start), toDay: day(start + days * DAY) };
  });
/** Any time, but often one near a change of clocks. */
const anyTime = fc.oneof(
  fc.integer({ min: FIRST, max: LATEST }),
  fc
    .tuple(fc.integer({ min: 2010, max: 2036 }), fc.integer({ min: -3 * HOUR, max: 3 * HOUR }))
    .chain(([year, near]) =>
      fc.constantFrom(
        sunday(year, 2, LAST) + near,
        sunday(year, 9, LAST) + near,
        sunday(year, 2, { nth: 2, hour: 7 }) + near,
        sunday(year, 10, { nth: 1, hour: 6 }) + near,
      ),
    ),
);

describe('freeze windows', () => {
  test('of days of the week hold when a count of minutes says so', () => {
    fc.assert(
      fc.property(weekly, anyTime, (window, atSec) => {
        expect(frozenAt([window], atSec)).toEqual(isFrozenSlowly(window, atSec) ? ['weekly'] : []);
      }),
      fuzzRuns(3000),
    );
  });

  test('of dates hold when Date says so', () => {
    const near = dated.chain((window) =>
      fc.tuple(
        fc.constant(window),
        fc.integer({ min: -2 * DAY, max: 25 * DAY }).map((s) => ('fromDay' in window ? utcSec(window.fromDay) : 0) + s),
      ),
    );
    fc.assert(
      fc.property(near, ([window, atSec]) => {
        expect(frozenAt([window], atSec)).toEqual(isFrozenSlowly(window, atSec) ? ['dated'] : []);
      }),
      fuzzRuns(2000),
    );
  });

  test('the weekend of Vienna ends at six in the morning, whichever way clocks were changed in it', () => {
    const window: FreezeWindow = { name: 'w', zone: 'Europe/Vienna', days: ['sat', 'sun'], from: '18:00', to: '06:00' };
    const at = (text: string) => frozenAt([window], utcSec(text)).length === 1;
    // 2026-03-29: an hour is missing.
    expect([at('2026-03-28T16:59:59Z'), at('2026-03-28T17:00:00Z')]).toEqual([false, true]);
    expect([at('2026-03-29T03:59:59Z'), at('2026-03-29T04:00:00Z')]).toEqual([true, false]);
    // 2026-10-25: an hour comes twice.
    expect([at('2026-10-24T15:59:59Z'), at('2026-10-24T16:00:00Z')]).toEqual([false, true]);
    expect([at('2026-10-25T04:59:59Z'), at('2026-10-25T05:00:00Z')]).toEqual([true, false]);
  });

  test('the next one is the first to begin, to a quarter of an hour', () => {
    const quarter = clock.filter((text) => /:(?:00|15|30|45)$/.test(text));
    const onTheQuarter = fc.record({
      name: fc.constant('weekly'),
      zone: fc.constantFrom('UTC', 'Europe/Vienna'),
      days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
      from: quarter,
      to: quarter,
    });
    fc.assert(
      fc.property(fc.oneof(onTheQuarter, dated), anyTime, (window, nowSec) => {
        const next = nextFreeze([window], nowSec);
        const isBegun = (atSec: number) =>
          isFrozenSlowly(window, atSec) && !isFrozenSlowly(window, atSec - 15 * MINUTE);
        const first = Math.ceil((nowSec + 1) / (15 * MINUTE)) * 15 * MINUTE;
        if (next === undefined) {
          for (let i = 0; i < 700; i++) expect(isBegun(first + i * 15 * MINUTE)).toBe(false);
          return;
        }
        expect(next.name).toBe(window.name);
        expect(next.atSec).toBeGreaterThanOrEqual(nowSec);
        expect(isFrozenSlowly(window, next.atSec)).toBe(true);
        for (let atSec = first; atSec < Math.min(next.atSec, first + 8 * DAY); atSec += 15 * MINUTE)
          expect(isBegun(atSec)).toBe(false);
      }),
      fuzzRuns(100),
    );
  });
});

test.each([
  ['90s', 90],
  ['30m', 1800],
  ['12h', 43_200],
  ['7d', 604_800],
  ['2w', 1_209_600],
])('%s are %d seconds', (text, seconds) => expect(durationSec(text)).toBe(seconds));
