/** Seconds of a day on which no clock is changed. */
export const DAY_SEC = 86_400;

/** A day of the Gregorian calendar, which is taken to have been in use forever. */
export interface CivilDate {
  readonly year: number;
  /** 1 is January. */
  readonly month: number;
  readonly day: number;
}

// Counting in years from March puts the day that comes and goes at the end, where it moves no other.
const DAYS_OF_400_YEARS = 146_097;
const EPOCH_FROM_MARCH_OF_YEAR_0 = 719_468;

/**
 * Days since 1970-01-01. Months and days beyond their range go on into the next or the one before: month 0 is the
 * December of the year before, 31 February the third of March.
 */
export function civilDay({ year, month, day }: CivilDate): number {
  const fromMarch = year * 12 + month - 3;
  const marchYear = Math.floor(fromMarch / 12);
  const marchMonth = fromMarch - marchYear * 12;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfEra = yearOfEra * 365 + leapDays + daysBefore(marchMonth) + day - 1;
  return era * DAYS_OF_400_YEARS + dayOfEra - EPOCH_FROM_MARCH_OF_YEAR_0;
}

/** The date of a day that is counted from 1970-01-01. */
export function civilDate(daysFromEpoch: number): CivilDate {
  const days = daysFromEpoch + EPOCH_FROM_MARCH_OF_YEAR_0;
  const era = Math.floor(days / DAYS_OF_400_YEARS);
  const dayOfEra = days - era * DAYS_OF_400_YEARS;
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return { year: era * 400 + yearOfEra + (month < 3 ? 1 : 0), month, day: dayOfYear - daysBefore(marchMonth) + 1 };
}

/** Days of a year that begins in March before its n-th month: 31, 30, 31, 30, 31 again and again. */
function daysBefore(marchMonth: number): number {
  return Math.floor((153 * marchMonth + 2) / 5);
}
