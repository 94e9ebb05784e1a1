const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS = [
  unit(365 * DAY, 'year'),
  unit(30 * DAY, 'month'),
  unit(7 * DAY, 'week'),
  unit(DAY, 'day'),
  unit(HOUR, 'hour'),
  unit(MINUTE, 'minute'),
];

/** A unit, with what was said of so many of them: in a long list, the same again and again. */
function unit(unitSec: number, noun: string) {
  return { unitSec, noun, said: [] as string[] };
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));
const pad = (value: number) => TWO_DIGITS[value] ?? String(value);

/** The last day that was printed: in a long list, most are the same as the one before. */
let lastDay = { day: Number.NaN, text: '' };

function dayText(): string {
  const day = (shown.getFullYear() * 12 + shown.getMonth()) * 31 + shown.getDate();
  if (day !== lastDay.day) {
    const year = String(shown.getFullYear()).padStart(4, '0');
    lastDay = { day, text: `${year}-${pad(shown.getMonth() + 1)}-${pad(shown.getDate())} ` };
  }
  return lastDay.text;
}

/** One for all rows: a date takes more room than what is printed of it. */
const shown = new Date(0);

/** Local time to the minute: `2026-11-22 14:05`. */
export function formatMinute(atSec: number): string {
  if (Number.isNaN(shown.setTime(atSec * 1000))) return `@${atSec}`;
  return `${dayText()}${pad(shown.getHours())}:${pad(shown.getMinutes())}`;
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
  const { unitSec, noun, said } = UNITS.find((each) => ageSec >= each.unitSec) ?? unit(MINUTE, 'minute');
  const count = Math.floor(ageSec / unitSec);
  said[count] ??= `${count} ${noun}${count === 1 ? '' : 's'} ago`;
  return said[count];
}

/** UTC as JSON documents have it: `2026-11-22T14:05:09Z`. */
export function isoTime(atSec: number): string {
  return new Date(atSec * 1000).toISOString().replace('.000Z', 'Z');
}

/** `2026-11-22 14:05 UTC`: for pages that are read elsewhere. */
export function utcMinute(atSec: number): string {
  return `${isoTime(atSec).slice(0, 16).replace('T', ' ')} UTC`;
}
