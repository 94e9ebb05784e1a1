import type { Retention } from '../policy/retention-schema.ts';
import { type Label, parseLabel } from '../snapshot/label.ts';
import type { Period } from './calendar.ts';
import { type Duration, isZeroDuration, parseDuration } from './duration.ts';

/** How many snapshots a rule keeps. */
export type Count = number | 'unlimited';

/** Which snapshots of a set are kept, complete. docs/retention.md says what each rule does. */
export interface RetentionRules {
  readonly keepLast: Count;
  /** One of each period that has a snapshot, so many. */
  readonly keep: Readonly<Record<Period, Count>>;
  readonly keepWithin: Duration | undefined;
  /** One of each period that has a snapshot, as far back. */
  readonly keepEachWithin: Readonly<Record<Period, Duration | undefined>>;
  /** All labels of one list are to be there. */
  readonly keepLabels: readonly (readonly Label[])[];
  /** IANA name of the zone whose calendar and clock count. */
  readonly timezone: string;
  /** What `within` is counted back from: the newest snapshot that is not of the future, or the time of planning. */
  readonly anchor: 'newest' | 'now';
}

/** The rules as the policy writes them, without what is about pruning. */
export type WrittenRules = Omit<Retention, 'maxRemove' | 'grace' | 'pruneOnCreate'>;

/** How many of the newest are kept where the policy says nothing. */
export const KEEP_LAST = 20;
/** How many snapshots one run removes at most, where the policy does not say. */
export const MAX_REMOVE = 100;

/**
 * The rules of a policy that was checked. Without `retention`, the last 20 are kept; with one, only what it says.
 *
 * @throws {SnapshotError} of kind `usage` for durations and labels that were not checked
 */
export function rulesOfRetention(written: WrittenRules = { keepLast: KEEP_LAST }): RetentionRules {
  const within = (text: string | undefined) => (text === undefined ? undefined : parseDuration(text));
  return {
    keepLast: written.keepLast ?? 0,
    keep: {
      hour: written.keepHourly ?? 0,
      day: written.keepDaily ?? 0,
      week: written.keepWeekly ?? 0,
      month: written.keepMonthly ?? 0,
      year: written.keepYearly ?? 0,
    },
    keepWithin: within(written.keepWithin),
    keepEachWithin: {
      hour: within(written.keepWithinHourly),
      day: within(written.keepWithinDaily),
      week: within(written.keepWithinWeekly),
      month: within(written.keepWithinMonthly),
      year: within(written.keepWithinYearly),
    },
    keepLabels: (written.keepLabels ?? []).map((labels) => labels.map(parseLabel)),
    timezone: written.timezone ?? 'UTC',
    anchor: written.anchor ?? 'newest',
  };
}

/** Whether there is a rule at all: no count above 0, no duration and no label is none. */
export function hasRule({ keepLast, keep, keepWithin, keepEachWithin, keepLabels }: RetentionRules): boolean {
  return (
    [keepLast, ...Object.values(keep)].some((count) => count !== 0) ||
    [keepWithin, ...Object.values(keepEachWithin)].some(isDuration) ||
    keepLabels.length > 0
  );
}

function isDuration(duration: Duration | undefined): boolean {
  return duration !== undefined && !isZeroDuration(duration);
}
