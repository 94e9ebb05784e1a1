import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTime, PERIODS, periodKey } from '../../../src/core/retention/calendar.ts';
import { civilDate, civilDay } from '../../../src/core/retention/civil.ts';
import { isTimeZone, openZone, UTC } from '../../../src/core/retention/zone.ts';
import { fuzzRuns } from '../arbitraries.ts';
import { at } from './support.ts';

const keys = (iso: string, zone = UTC) => PERIODS.map((period) => periodKey(period, localTime(at(iso), zone)));

describe('periodKey', () => {
  it.each([
    ['2025-12-28T23:59:59Z', ['2025-12-28T23', '2025-12-28', '2025-W52', '2025-12', '2025']],
    ['2025-12-29T00:00:00Z', ['2025-12-29T00', '2025-12-29', '2026-W01', '2025-12', '2025']],
    ['2026-01-04T05:00:00Z', ['2026-01-04T05', '2026-01-04', '2026-W01', '2026-01', '2026']],
    ['2021-01-03T00:00:00Z', ['2021-01-03T00', '2021-01-03', '2020-W53', '2021-01', '2021']],
    ['2024-02-29T12:34:56Z', ['2024-02-29T12', '2024-02-29', '2024-W09', '2024-02', '2024']],
    ['1969-12-31T23:59:59Z', ['1969-12-31T23', '1969-12-31', '1970-W01', '1969-12', '1969']],
  ])('of %s', (iso, expected) => {
    expect(keys(iso)).toEqual(expected);
  });

  it('goes by the clock of the zone', () => {
    expect(keys('2025-12-31T23:30:00Z', openZone('Europe/Vienna'))[4]).toBe('2026');
    expect(keys('2026-01-01T04:30:00Z', openZone('America/New_York'))[1]).toBe('2025-12-31');
    expect(keys('2026-01-01T00:00:00Z', openZone('Asia/Kathmandu'))[0]).toBe('2026-01-01T05');
  });

  it('takes an hour that clocks show twice for one', () => {
    const zone = openZone('Europe/Vienna');
    expect(keys('2026-10-25T00:30:00Z', zone)[0]).toBe('2026-10-25T02');
    expect(keys('2026-10-25T01:30:00Z', zone)[0]).toBe('2026-10-25T02');
  });
});

describe('civil dates', () => {
  it('are those of the calendar', () => {
    const days = fc.integer({ min: -719_162, max: 2_932_896 });
    fc.assert(
      fc.property(days, (dayNumber) => {
        const date = new Date(dayNumber * 86_400_000);
        const expected = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
        expect(civilDate(dayNumber)).toEqual(expected);
        expect(civilDay(expected)).toBe(dayNumber);
      }),
      fuzzRuns(600),
    );
  });

  it('go on where a month or a year ends', () => {
    expect(civilDate(civilDay({ year: 2026, month: 2, day: 31 }))).toEqual({ year: 2026, month: 3, day: 3 });
    expect(civilDate(civilDay({ year: 2026, month: 0, day: 1 }))).toEqual({ year: 2025, month: 12, day: 1 });
    expect(civilDate(civilDay({ year: 2026, month: -13, day: 0 }))).toEqual({ year: 2024, month: 10, day: 31 });
    expect(civilDate(civilDay({ year: 2026, month: 14, day: 29 }))).toEqual({ year: 2027, month: 3, day: 1 });
  });
});

describe('openZone', () => {
  const NAMES = [
    'Europe/Vienna',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'Pacific/Apia',
    'Asia/Tehran',
  ];
  const zones = NAMES.map((timeZone) => ({
    zone: openZone(timeZone),
    format: new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' }),
  }));

  it('shows what the runtime shows', () => {
    const instants = fc.integer({ min: at('1900-01-01'), max: at('2040-01-01') });
    fc.assert(
      fc.property(instants, fc.constantFrom(...zones), (atSec, { zone, format }) => {
        const shown = new Date((atSec + zone.offsetSec(atSec)) * 1000).toISOString().slice(0, 19).replace('T', ' ');
        expect(shown).toBe(format.format(atSec * 1000));
      }),
      fuzzRuns(1000),
    );
  });

  it('finds the second at which clocks are changed', () => {
    const zone = openZone('Europe/Vienna');
    expect(zone.offsetSec(at('2026-03-29T00:59:59Z'))).toBe(3600);
    expect(zone.offsetSec(at('2026-03-29T01:00:00Z'))).toBe(7200);
    expect(openZone('Pacific/Apia').offsetSec(at('2011-12-30T09:59:59Z'))).toBe(-10 * 3600);
    expect(openZone('Pacific/Apia').offsetSec(at('2011-12-30T10:00:00Z'))).toBe(14 * 3600);
  });

  it('finds the instant of what clocks show', () => {
    const instants = fc.integer({ min: at('2000-01-01'), max: at('2040-01-01') });
    fc.assert(
      fc.property(instants, fc.constantFrom(...zones), (atSec, { zone }) => {
        const shown = atSec + zone.offsetSec(atSec);
        const found = zone.instantSec(shown);
        expect(found).toBeLessThanOrEqual(atSec);
        expect(found + zone.offsetSec(found)).toBe(shown);
      }),
      fuzzRuns(600),
    );
  });

  it('knows which zones there are', () => {
    expect(isTimeZone('Europe/Vienna')).toBe(true);
    expect(isTimeZone('Europe/Nowhere')).toBe(false);
    expect(() => openZone('Europe/Nowhere')).toThrow(RangeError);
  });
});
