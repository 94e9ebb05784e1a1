import { type CivilDate, civilDate, civilDay, DAY_SEC } from './civil.ts';
import type { Zone } from './zone.ts';

/** The stretches of time of which a rule keeps one snapshot each. */
export const PERIODS = ['hour', 'day', 'week', 'month', 'year'] as const;
/** One of {@link PERIODS}. */
export type Period = (typeof PERIODS)[number];

/**
 * The name of one period: `2026-01-05T13`, `2026-01-05`, `2026-W02`, `2026-01`, `2026`. No name of one kind is one of
 * another.
 */
export type PeriodKey = string;

/** What calendar and clock show at an instant. */
export interface LocalTime extends CivilDate {
  /** Days since 1970-01-01. */
  readonly dayNumber: number;
  readonly hour: number;
}

/** Calendar and clock of a zone at an instant. */
export function localTime(atSec: number, zone: Zone): LocalTime {
  const shownSec = Math.floor(atSec) + zone.offsetSec(atSec);
  const dayNumber = Math.floor(shownSec / DAY_SEC);
  const { year, month, day } = civilDate(dayNumber);
  return { year, month, day, dayNumber, hour: Math.floor((shownSec - dayNumber * DAY_SEC) / 3600) };
}

/** The period in which a time lies. An hour that clocks show twice is one. */
export function periodKey(period: Period, local: LocalTime): PeriodKey {
  const { year, month, day, hour } = local;
  switch (period) {
    case 'hour':
      return `${yearText(year)}-${pad(month)}-${pad(day)}T${pad(hour)}`;
    case 'day':
      return `${yearText(year)}-${pad(month)}-${pad(day)}`;
    case 'week':
      return isoWeek(local.dayNumber);
    case 'month':
      return `${yearText(year)}-${pad(month)}`;
    case 'year':
      return yearText(year);
  }
}

/** Weeks begin on Monday, and belong to the year in which their Thursday lies. */
function isoWeek(dayNumber: number): PeriodKey {
  // The epoch was a Thursday.
  const thursday = dayNumber - modulo(dayNumber + 3, 7) + 3;
  const { year } = civilDate(thursday);
  const week = Math.floor((thursday - civilDay({ year, month: 1, day: 1 })) / 7) + 1;
  return `${yearText(year)}-W${pad(week)}`;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function yearText(year: number): string {
  return year > 999 ? String(year) : String(year).padStart(4, '0');
}

function pad(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
