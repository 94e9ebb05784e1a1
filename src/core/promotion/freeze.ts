import type { FreezeWindow } from '../policy/environment-schema.ts';
import { WEEKDAYS } from '../policy/environment-schema.ts';

/** The windows that hold at a moment, by name. @param atSec - seconds since the epoch */
export function frozenAt(windows: readonly FreezeWindow[], atSec: number): string[] {
  return windows.filter((window) => isFrozen(window, atSec)).map(({ name }) => name);
}

function isFrozen(window: FreezeWindow, atSec: number): boolean {
  const local = localTime(atSec, window.zone);
  if ('fromDay' in window) return window.fromDay <= local.day && local.day <= window.toDay;
  const { days, from, to } = window;
  const today = days.some((day) => WEEKDAYS.indexOf(day) === local.weekday);
  if (from < to) return today && from <= local.clock && local.clock < to;
  // It goes on into the next day.
  const yesterday = days.some((day) => (WEEKDAYS.indexOf(day) + 1) % WEEKDAYS.length === local.weekday);
  return (today && from <= local.clock) || (yesterday && local.clock < to);
}

interface LocalTime {
  /** `2026-12-24`. */
  readonly day: string;
  /** `16:30`. */
  readonly clock: string;
  /** 0 is Monday. */
  readonly weekday: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What calendar and clock show there. */
function localTime(atSec: number, zone: string): LocalTime {
  let format = formats.get(zone);
  if (format === undefined) {
    const two = '2-digit' as const;
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
    });
    formats.set(zone, format);
  }
  const parts = new Map(format.formatToParts(new Date(atSec * 1000)).map(({ type, value }) => [type, value]));
  const part = (type: string) => parts.get(type as Intl.DateTimeFormatPartTypes) ?? '';
  const day = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
  return {
    day,
    clock: `${part('hour')}:${part('minute')}`,
    weekday: (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % WEEKDAYS.length,
  };
}

const STEP_SEC = 15 * 60;
const DAY_SEC = 86_400;
const HORIZON_SEC = 366 * DAY_SEC;

/** When the next window begins, to a quarter of an hour; undefined if none does within a year. */
export function nextFreeze(
  windows: readonly FreezeWindow[],
  nowSec: number,
): { readonly name: string; readonly atSec: number } | undefined {
  let next: { readonly name: string; readonly atSec: number } | undefined;
  for (const window of windows) {
    const atSec = nextStart(window, nowSec);
    if (atSec !== undefined && (next === undefined || atSec < next.atSec)) next = { name: window.name, atSec };
  }
  return next;
}

/** Asks the clock of the place only where the window can begin: time zones are slow. */
function nextStart(window: FreezeWindow, nowSec: number): number | undefined {
  // A day begins nowhere earlier or later than this, seen from where it begins at midnight UTC.
  const day = 'fromDay' in window ? Date.parse(window.fromDay) / 1000 : undefined;
  const fromSec = day === undefined ? nowSec : Math.max(nowSec, day - DAY_SEC);
  const toSec = day === undefined ? nowSec + 8 * DAY_SEC : Math.min(nowSec + HORIZON_SEC, day + DAY_SEC);
  const first = Math.ceil(fromSec / STEP_SEC) * STEP_SEC;
  let wasFrozen = isFrozen(window, fromSec);
  for (let atSec = first; atSec <= toSec; atSec += STEP_SEC) {
    const isNow = isFrozen(window, atSec);
    if (isNow && !wasFrozen) return atSec;
    wasFrozen = isNow;
  }
  return undefined;
}
