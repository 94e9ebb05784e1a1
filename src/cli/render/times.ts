const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const MINUTES = { unitSec: MINUTE, noun: 'minute' };

const UNITS: readonly { readonly unitSec: number; readonly noun: string }[] = [
  { unitSec: 365 * DAY, noun: 'year' },
  { unitSec: 30 * DAY, noun: 'month' },
  { unitSec: 7 * DAY, noun: 'week' },
  { unitSec: DAY, noun: 'day' },
  { unitSec: HOUR, noun: 'hour' },
  MINUTES,
];

const pad = (value: number) => (value < 10 ? `0${value}` : String(value));

/** Local time to the minute: `2026-11-22 14:05`. */
export function formatMinute(atSec: number): string {
  const date = new Date(atSec * 1000);
  if (Number.isNaN(date.getTime())) return `@${atSec}`;
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** Local time to the second, with its offset: `2026-11-22 14:05:09 +0100`. */
export function formatTime(atSec: number): string {
  const date = new Date(atSec * 1000);
  if (Number.isNaN(date.getTime())) return `@${atSec}`;
  const offsetMin = -date.getTimezoneOffset();
  const offset = `${offsetMin < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(offsetMin) / 60))}${pad(Math.abs(offsetMin) % 60)}`;
  return `${formatMinute(atSec)}:${pad(date.getSeconds())} ${offset}`;
}

/** How long ago, in the largest unit that fits: `3 hours ago`. */
export function formatAge(atSec: number, nowMs: number): string {
  const ageSec = Math.floor(nowMs / 1000) - atSec;
  if (ageSec < -MINUTE) return 'in the future';
  if (ageSec < MINUTE) return 'just now';
  const { unitSec, noun } = UNITS.find((unit) => ageSec >= unit.unitSec) ?? MINUTES;
  const count = Math.floor(ageSec / unitSec);
  return `${count} ${noun}${count === 1 ? '' : 's'} ago`;
}

/** UTC as JSON documents have it: `2026-11-22T14:05:09Z`. */
export function isoTime(atSec: number): string {
  return new Date(atSec * 1000).toISOString().replace('.000Z', 'Z');
}

/** `2026-11-22 14:05 UTC`: for pages that are read elsewhere. */
export function utcMinute(atSec: number): string {
  return `${isoTime(atSec).slice(0, 16).replace('T', ' ')} UTC`;
}
