import type { PeriodKey } from './calendar.ts';
import { type Duration, passedSec } from './duration.ts';
import { isoTime } from './iso-time.ts';
import { openZone } from './zone.ts';

/** When one of the reasons why a snapshot is kept comes to its end, if policy and protections stay as they are. */
export type Departure =
  /** As long as it is protected. */
  | { readonly kind: 'protection' }
  /** As long as the policy has the rule. */
  | { readonly kind: 'policy' }
  /** Once its date has come, the rules decide. */
  | { readonly kind: 'future'; readonly atSec: number }
  | {
      readonly kind: 'count';
      /** So many more of these must have a snapshot; undefined: no number is enough. */
      readonly more: number | undefined;
      readonly unit: CountUnit;
      /** The period that now is, in which any other snapshot takes its place. */
      readonly replacedIn: PeriodKey | undefined;
    }
  | {
      readonly kind: 'window';
      readonly sinceSec: number;
      readonly duration: Duration;
      readonly timezone: string;
      /** Whether time alone ends it, or a snapshot that is taken then. */
      readonly anchor: 'newest' | 'now';
      /** When the plan was made. */
      readonly plannedSec: number;
      readonly replacedIn: PeriodKey | undefined;
    };

/** What count rules count. */
type CountUnit = 'snapshot' | 'hour' | 'day' | 'week' | 'month' | 'year';

const NEVER = 'never under this policy';
const NEXT = 'with the next snapshot';
/** The end of the year 9999, after which dates have no common spelling. */
const LAST_SEC = 253_402_300_799;

/** A departure in words that go on after "it goes". */
export function departureText(departure: Departure): string {
  switch (departure.kind) {
    case 'protection':
      return 'when it is no longer protected';
    case 'policy':
      return NEVER;
    case 'future':
      return `not before ${isoTime(departure.atSec)}; then the rules decide`;
    case 'count':
      return either(countText(departure), departure.replacedIn) ?? NEVER;
    case 'window':
      return either(windowText(departure), departure.replacedIn) ?? '';
  }
}

function countText({ more, unit }: Departure & { kind: 'count' }): string | undefined {
  if (more === undefined) return undefined;
  if (unit === 'snapshot') return more === 1 ? NEXT : `when ${more} more snapshots have been taken`;
  return more === 1 ? `when one more ${unit} has a snapshot` : `when ${more} more ${unit}s have a snapshot`;
}

function windowText({ sinceSec, duration, timezone, anchor, plannedSec }: Departure & { kind: 'window' }): string {
  const endSec = passedSec(sinceSec, { ...duration, zone: openZone(timezone) });
  if (endSec > LAST_SEC) return NEVER;
  if (anchor === 'now') return `at ${isoTime(endSec)}`;
  if (endSec <= plannedSec) return NEXT;
  return `with the first snapshot taken at ${isoTime(endSec)} or later`;
}

function either(text: string | undefined, replacedIn: PeriodKey | undefined): string | undefined {
  if (replacedIn === undefined) return text;
  return [...(text === undefined ? [] : [text]), `with the next snapshot of ${replacedIn}`].join(', or ');
}
