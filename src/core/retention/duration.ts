import { quoteText } from '../byte-string.ts';
import { SnapshotError } from '../errors.ts';
import { civilDate, civilDay, DAY_SEC } from './civil.ts';
import { UTC, type Zone } from './zone.ts';

/** A length of time on the calendar, as retention rules write it: years, months and days, then hours exactly. */
export interface Duration {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
}

const UNITS = { y: 'years', m: 'months', d: 'days', h: 'hours' } as const satisfies Record<string, keyof Duration>;

/**
 * Reads `1y2m3d4h`: each unit at most once, in any order, no sign. `m` is months: there are no minutes.
 *
 * @throws {SnapshotError} of kind `usage`
 */
export function parseDuration(text: string): Duration {
  const parsed = readDuration(text);
  if (typeof parsed !== 'string') return parsed;
  throw new SnapshotError('usage', `${quoteText(text)} is not a duration: ${parsed}`, {
    hint: 'Write years, months, days and hours, such as 7d, 6m or 1y2m3d4h.',
  });
}

/** What is wrong with a duration; undefined: nothing. */
export function durationFault(text: string): string | undefined {
  const parsed = readDuration(text);
  return typeof parsed === 'string' ? parsed : undefined;
}

/** The shortest spelling: largest unit first, nothing that is zero. */
export function durationText({ years, months, days, hours }: Duration): string {
  const parts = [part(years, 'y'), part(months, 'm'), part(days, 'd'), part(hours, 'h')].join('');
  return parts === '' ? '0h' : parts;
}

/** Whether it has no length. Such a rule keeps nothing: it counts as not written. */
export function isZeroDuration({ years, months, days, hours }: Duration): boolean {
  return years === 0 && months === 0 && days === 0 && hours === 0;
}

function part(value: number, unit: keyof typeof UNITS): string {
  return value === 0 ? '' : `${value}${unit}`;
}

/** The duration, or what is wrong. */
function readDuration(text: string): Duration | string {
  if (text === '') return 'it is empty';
  const found: { -readonly [Unit in keyof Duration]?: number } = {};
  let rest = text;
  while (rest !== '') {
    const [taken, digits = '', letter = ''] = /^([0-9]*)(.?)/su.exec(rest) ?? [''];
    if (digits === '')
      return letter === '-' || letter === '+' ? 'it has a sign' : `'${letter}' stands without a number`;
    if (letter === '') return `${digits} has no unit`;
    if (!isUnit(letter)) return `'${letter}' is not a unit`;
    const unit = UNITS[letter];
    if (found[unit] !== undefined) return `'${letter}' stands there twice`;
    if (digits.length > 6) return `${digits} is too large`;
    found[unit] = Number(digits);
    rest = rest.slice(taken.length);
  }
  return { years: found.years ?? 0, months: found.months ?? 0, days: found.days ?? 0, hours: found.hours ?? 0 };
}

function isUnit(letter: string): letter is keyof typeof UNITS {
  return Object.hasOwn(UNITS, letter);
}

/** A duration on the calendar of a place. */
export type ZonedDuration = Duration & {
  /** Whose calendar and clock it goes by (default: UTC). */
  readonly zone?: Zone;
};

/**
 * The instant that lies so long before another: years, months and days are taken off the date that calendars show, all
 * together; a day that the month does not have goes on into the next (31 March less a month is the third). Then the hours,
 * exactly.
 */
export function cutoffSec(anchorSec: number, duration: ZonedDuration): number {
  const { years, months, days, hours, zone = UTC } = duration;
  if (years === 0 && months === 0 && days === 0) return anchorSec - hours * 3600;
  const shownSec = anchorSec + zone.offsetSec(anchorSec);
  const dayNumber = Math.floor(shownSec / DAY_SEC);
  const { year, month, day } = civilDate(dayNumber);
  const cutoffDay = civilDay({ year: year - years, month: month - months, day: day - days });
  return zone.instantSec(cutoffDay * DAY_SEC + (shownSec - dayNumber * DAY_SEC)) - hours * 3600;
}

/**
 * When the duration has passed since an instant: the first from which on {@link cutoffSec} is not before it. (Months are of
 * different length: on the last day of a month a cutoff by months may be later than on the next day, by up to three.)
 */
export function passedSec(sinceSec: number, duration: ZonedDuration): number {
  const { zone = UTC } = duration;
  const isWithin = (atSec: number) => cutoffSec(atSec, duration) < sinceSec;
  const fromSec = sinceSec + duration.hours * 3600;
  const shownSec = fromSec + zone.offsetSec(fromSec);
  const shownDay = Math.floor(shownSec / DAY_SEC);
  const { year, month, day } = civilDate(shownDay + duration.days);
  const guessDay = civilDay({ year: year + duration.years, month: month + duration.months, day });
  const guess = zone.instantSec(guessDay * DAY_SEC + (shownSec - shownDay * DAY_SEC));
  // Every month has these days, so there only a clock that is changed comes between.
  const isPlain = (duration.years === 0 && duration.months === 0) || (day > 3 && day < 29);
  if (isPlain && !isWithin(guess) && isWithin(guess - 1)) return guess;
  return searchPassed(guessDay - 4, { isWithin, zone });
}

/** Within each day that clocks show the cutoff only grows, so the first at whose end it has passed has the instant. */
function searchPassed(
  fromDay: number,
  { isWithin, zone }: { readonly isWithin: (atSec: number) => boolean; readonly zone: Zone },
): number {
  const lastSecond = (day: number) => zone.instantSec((day + 1) * DAY_SEC) - 1;
  let day = fromDay;
  while (isWithin(lastSecond(day))) day += 1;
  let within = lastSecond(day - 1);
  let passed = lastSecond(day);
  while (passed - within > 1) {
    const middle = Math.floor((within + passed) / 2);
    if (isWithin(middle)) within = middle;
    else passed = middle;
  }
  return passed;
}
