import { SnapshotError } from '../../core/errors.ts';
import { durationFault, parseDuration, passedSec } from '../../core/retention/duration.ts';
import { parseSince } from './text-values.ts';

/** The end of the year 9999. */
const MAX_SEC = 253_402_300_799;

/**
 * Reads a time to come: so long from now, in the durations of retention (`30d`, `6m` is months, `1y6m`), or a date as
 * {@link parseSince} reads it.
 *
 * @throws {SnapshotError} of kind `usage`
 */
export function parseUntil(text: string, nowMs: number): number {
  const atSec = parseTime(text, nowMs);
  if (atSec > nowMs / 1000 && atSec <= MAX_SEC) return atSec;
  throw new SnapshotError('usage', `'${text}' is not a time to come`, {
    hint: 'Write a date such as 2027-03-31, or how long from now: 30d, 6m (months), 1y6m.',
  });
}

function parseTime(text: string, nowMs: number): number {
  if (/^\d{4}-/.test(text)) return parseSince(text, nowMs);
  return durationFault(text) === undefined ? passedSec(Math.floor(nowMs / 1000), parseDuration(text)) : MAX_SEC + 1;
}
