import * as z from 'zod';

const DURATION = /^[1-9][0-9]{0,5}[smhdw]$/;

/** Lengths of time as policies write them: a number and a unit. */
export const Duration = z
  .string()
  .regex(DURATION, 'not a duration such as 30m, 12h or 7d')
  .describe('Seconds, minutes, hours, days or weeks: 90s, 30m, 12h, 7d, 2w.');

const UNIT_SEC: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Whether a text is a duration of a policy. */
export function isDuration(text: string): boolean {
  return DURATION.test(text);
}

/** Seconds of a duration such as `12h`, which the schema has checked. */
export function durationSec(text: string): number {
  return Number(text.slice(0, -1)) * (UNIT_SEC[text.slice(-1)] ?? 1);
}
