import { civilDay, DAY_SEC } from './civil.ts';

/** What clocks show in a place. */
export interface Zone {
  /** How far clocks there are ahead of UTC at an instant, in seconds. */
  offsetSec(atSec: number): number;
  /**
   * The instant at which clocks there show a time, given as seconds since the epoch as if it were UTC. Where it is shown
   * twice: the earlier. Where clocks jump over it: as much later as they jump.
   */
  instantSec(shownSec: number): number;
}

/** Where no clock is ever changed. */
export const UTC: Zone = { offsetSec: () => 0, instantSec: (shownSec) => shownSec };

/** The first day of the years that every runtime prints in the same way. */
const FIRST_SEC = -62_135_596_800 + DAY_SEC;
const LAST_SEC = 253_402_300_800 - DAY_SEC;

/**
 * A time zone by its IANA name. Asks the runtime, which is slow, once for each day and remembers what it said; it takes
 * for granted that clocks are not changed twice within a day of UTC.
 *
 * @throws {RangeError} for a zone that the runtime does not know
 */
export function openZone(name: string): Zone {
  if (name === 'UTC') return UTC;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const ask = (atSec: number) => shownSec(format, atSec) - atSec;
  const atMidnight = new Map<number, number>();
  const changes = new Map<number, number>();
  const startOf = (day: number): number => {
    let offset = atMidnight.get(day);
    if (offset === undefined) {
      offset = ask(day * DAY_SEC);
      atMidnight.set(day, offset);
    }
    return offset;
  };
  const offsetSec = (atSec: number): number => {
    const clamped = Math.floor(Math.min(Math.max(atSec, FIRST_SEC), LAST_SEC));
    const day = Math.floor(clamped / DAY_SEC);
    const before = startOf(day);
    const after = startOf(day + 1);
    if (before === after) return before;
    let changeSec = changes.get(day);
    if (changeSec === undefined) {
      changeSec = findChange({ ask, day, before });
      changes.set(day, changeSec);
    }
    return clamped < changeSec ? before : after;
  };
  return {
    offsetSec,
    instantSec: (shown) => {
      // One of the offsets a day before and a day after is right, unless clocks jump over that time.
      const early = shown - offsetSec(shown - DAY_SEC);
      if (early + offsetSec(early) === shown) return early;
      const late = shown - offsetSec(shown + DAY_SEC);
      return late + offsetSec(late) === shown ? late : early;
    },
  };
}

/** The first second of a day at which the offset is not what it was as the day began. */
function findChange({ ask, day, before }: { ask(atSec: number): number; day: number; before: number }): number {
  let same = day * DAY_SEC;
  let other = same + DAY_SEC;
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (ask(middle) === before) same = middle;
    else other = middle;
  }
  return other;
}

/** Whether the runtime knows the time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What clocks show, as seconds since the epoch as if it were UTC. */
function shownSec(format: Intl.DateTimeFormat, atSec: number): number {
  const numbers = (format.format(atSec * 1000).match(/\d+/g) ?? []).map(Number);
  const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] = numbers;
  return civilDay({ year, month, day }) * DAY_SEC + hour * 3600 + minute * 60 + second;
}
