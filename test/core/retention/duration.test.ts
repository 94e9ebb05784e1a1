import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cutoffSec,
  durationFault,
  durationText,
  parseDuration,
  passedSec,
} from '../../../src/core/retention/duration.ts';
import { openZone } from '../../../src/core/retention/zone.ts';
import { fuzzRuns } from '../arbitraries.ts';
import { at } from './support.ts';

describe('parseDuration', () => {
  it.each([
    ['1y2m3d4h', { years: 1, months: 2, days: 3, hours: 4 }],
    ['4h3d2m1y', { years: 1, months: 2, days: 3, hours: 4 }],
    ['7d', { years: 0, months: 0, days: 7, hours: 0 }],
    ['006m', { years: 0, months: 6, days: 0, hours: 0 }],
    ['0d', { years: 0, months: 0, days: 0, hours: 0 }],
  ])('reads %s', (text, duration) => {
    expect(parseDuration(text)).toEqual(duration);
  });

  it.each([
    ['', 'it is empty'],
    ['7', '7 has no unit'],
    ['1d7', '7 has no unit'],
    ['-7d', 'it has a sign'],
    ['1d-2h', 'it has a sign'],
    ['+7d', 'it has a sign'],
    ['d', "'d' stands without a number"],
    ['7w', "'w' is not a unit"],
    ['30s', "'s' is not a unit"],
    ['7D', "'D' is not a unit"],
    ['1.5d', "'.' is not a unit"],
    ['7 d', "' ' is not a unit"],
    ['7d ', "' ' stands without a number"],
    ['1d2d', "'d' stands there twice"],
    ['1000000h', '1000000 is too large'],
  ])('refuses %j: %s', (text, fault) => {
    expect(durationFault(text)).toBe(fault);
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({ kind: 'usage', message: `'${text}' is not a duration: ${fault}` }),
    );
  });

  it('reads what is printed', () => {
    const number = fc.nat({ max: 999_999 });
    fc.assert(
      fc.property(fc.record({ years: number, months: number, days: number, hours: number }), (duration) => {
        expect(parseDuration(durationText(duration))).toEqual(duration);
      }),
    );
  });

  it('prints without what is zero', () => {
    expect(durationText(parseDuration('0y12h3d'))).toBe('3d12h');
    expect(durationText(parseDuration('0m'))).toBe('0h');
  });
});

describe('cutoffSec', () => {
  it.each([
    ['2026-03-31T12:00:00Z', '1m', '2026-03-03T12:00:00Z'],
    ['2024-03-31T12:00:00Z', '1m', '2024-03-02T12:00:00Z'],
    ['2024-02-29', '1y', '2023-03-01'],
    ['2024-02-29', '4y', '2020-02-29'],
    ['2026-01-15', '1m', '2025-12-15'],
    ['2026-01-15', '13m', '2024-12-15'],
    ['2026-03-01', '1d', '2026-02-28'],
    // All together: the month has no 31st only before the days are taken off.
    ['2026-03-31', '1m3d', '2026-02-28'],
    ['2026-08-15T01:00:00Z', '7d2h', '2026-08-07T23:00:00Z'],
    ['2026-08-15T01:00:00Z', '1y2m3d4h', '2025-06-11T21:00:00Z'],
  ])('of %s less %s is %s', (anchor, duration, cutoff) => {
    expect(cutoffSec(at(anchor), parseDuration(duration))).toBe(at(cutoff));
  });

  it('keeps the clock of the zone when that was changed, and takes off hours exactly', () => {
    const zone = openZone('Europe/Vienna');
    // Clocks went forward on 29 March 2026.
    expect(cutoffSec(at('2026-03-29T12:00:00+02:00'), { ...parseDuration('1d'), zone })).toBe(
      at('2026-03-28T12:00:00+01:00'),
    );
    expect(cutoffSec(at('2026-03-29T12:00:00+02:00'), { ...parseDuration('24h'), zone })).toBe(
      at('2026-03-28T11:00:00+01:00'),
    );
  });

  it('goes forward over a time that clocks jump, and takes the first of one that they show twice', () => {
    const zone = openZone('Europe/Vienna');
    expect(cutoffSec(at('2026-03-30T02:30:00+02:00'), { ...parseDuration('1d'), zone })).toBe(
      at('2026-03-29T03:30:00+02:00'),
    );
    expect(cutoffSec(at('2026-10-26T02:30:00+01:00'), { ...parseDuration('1d'), zone })).toBe(
      at('2026-10-25T02:30:00+02:00'),
    );
  });

  it('reaches back as far as one likes', () => {
    expect(cutoffSec(at('2026-01-01'), parseDuration('999999y'))).toBeLessThan(-3e13);
  });
});

describe('passedSec', () => {
  const duration = fc.record({
    years: fc.nat({ max: 3 }),
    months: fc.nat({ max: 14 }),
    days: fc.nat({ max: 40 }),
    hours: fc.nat({ max: 50 }),
  });
  const instant = fc.integer({ min: at('2015-01-01'), max: at('2030-01-01') });
  const zones = ['UTC', 'Europe/Vienna', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia'].map(openZone);

  it('is when the cutoff comes to an instant', () => {
    fc.assert(
      fc.property(duration, instant, fc.constantFrom(...zones), (length, sinceSec, zone) => {
        const zoned = { ...length, zone };
        const passed = passedSec(sinceSec, zoned);
        expect(cutoffSec(passed, zoned)).toBeGreaterThanOrEqual(sinceSec);
        if (passed !== sinceSec) expect(cutoffSec(passed - 1, zoned)).toBeLessThan(sinceSec);
      }),
      fuzzRuns(600),
    );
  });

  it('is the first such instant where a month is short', () => {
    // On 31 March the window of a month reaches back to the third, on 1 April to the first.
    expect(passedSec(at('2026-03-02'), parseDuration('1m'))).toBe(at('2026-03-30'));
    expect(passedSec(at('2026-03-03T06:00:00Z'), parseDuration('1m'))).toBe(at('2026-03-31T06:00:00Z'));
  });
});
