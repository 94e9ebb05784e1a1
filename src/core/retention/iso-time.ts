import { civilDate, civilDay } from './civil.ts';

/** An instant as `2026-01-05T13:00:00Z`, with a fraction only where it has one. @param atSec - seconds since the epoch */
export function isoTime(atSec: number): string {
  return new Date(atSec * 1000).toISOString().replace('.000Z', 'Z');
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/;
const DAY_LENGTH = '2026-01-05'.length;

/**
 * Seconds since the epoch of an ISO date, or date and time; UTC unless it says otherwise. Undefined for what is none, such
 * as 30 February.
 */
export function parseIsoTime(text: string): number | undefined {
  const [found, year, month, day, zone] = ISO.exec(text) ?? [];
  if (found === undefined) return undefined;
  // The parser of dates takes 30 February for 2 March.
  const date = civilDate(civilDay({ year: Number(year), month: Number(month), day: Number(day) }));
  if (date.month !== Number(month) || date.day !== Number(day)) return undefined;
  const isLocal = text.length > DAY_LENGTH && zone === undefined;
  const atMs = Date.parse(isLocal ? `${text}Z` : text);
  return Number.isNaN(atMs) ? undefined : atMs / 1000;
}
