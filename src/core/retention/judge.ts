import type { Label } from '../snapshot/label.ts';
import { type LocalTime, PERIODS, type Period, periodKey } from './calendar.ts';
import type { Departure } from './departure.ts';
import { cutoffSec, type Duration, durationText, isZeroDuration, passedSec, type ZonedDuration } from './duration.ts';
import type { Count, RetentionRules } from './rules.ts';
import { openRuns, type Run } from './runs.ts';

/** A snapshot that rules look at. */
interface Member {
  /** Seconds since the epoch. */
  readonly atSec: number;
  readonly labels: readonly Label[];
  /** What calendar and clock showed. */
  readonly local: LocalTime;
  readonly isOldest: boolean;
}

/** What one rule says of one snapshot. */
export type Verdict =
  | { readonly isKept: true; readonly reason: string; readonly goes: Departure }
  /** `untilSec`: when it ceased to keep it, going by the snapshots that there are; undefined: it never did. */
  | { readonly isKept: false; readonly rule: string; readonly untilSec: number | undefined };

/** One rule, which must be shown every snapshot of the group, newest first. */
export type Judge = (member: Member) => Verdict;

/** What rules go by. */
export interface Scene {
  readonly rules: RetentionRules;
  /** The rules' durations, on the calendar of their zone. */
  readonly zoned: (duration: Duration) => ZonedDuration;
  /** What `within` is counted back from. */
  readonly anchorSec: number;
  readonly nowSec: number;
  /** What calendar and clock show now. */
  readonly now: LocalTime;
  /** When the snapshots of the group were taken, newest first. */
  readonly times: readonly number[];
}

const NAMES = { hour: 'hourly', day: 'daily', week: 'weekly', month: 'monthly', year: 'yearly' } as const;

/** A judge for every rule that keeps anything, in the order in which reasons are given. */
export function openJudges(scene: Scene): Judge[] {
  const { keepLabels, keepWithin, keepLast, keep, keepEachWithin } = scene.rules;
  return [
    ...keepLabels.map(judgeByLabels),
    ...(isLength(keepWithin) ? [judgeByWindow(keepWithin, scene)] : []),
    ...(keepLast === 0 ? [] : [judgeByCount(keepLast, { unit: 'snapshot', scene })]),
    ...PERIODS.flatMap((unit) => (keep[unit] === 0 ? [] : [judgeByCount(keep[unit], { unit, scene })])),
    ...PERIODS.flatMap((unit) => {
      const duration = keepEachWithin[unit];
      return isLength(duration) ? [judgeByWindowAndPeriod(duration, { unit, scene })] : [];
    }),
  ];
}

function isLength(duration: Duration | undefined): duration is Duration {
  return duration !== undefined && !isZeroDuration(duration);
}

function judgeByLabels(wanted: readonly Label[]): Judge {
  const rule = `label ${wanted.map(({ key, value }) => `${key}=${value}`).join(',')}`;
  return ({ labels }) => {
    const hasAll = wanted.every(({ key, value }) => labels.some((label) => label.key === key && label.value === value));
    return hasAll
      ? { isKept: true, reason: rule, goes: { kind: 'policy' } }
      : { isKept: false, rule, untilSec: undefined };
  };
}

function judgeByWindow(written: Duration, scene: Scene): Judge {
  const duration = scene.zoned(written);
  const rule = `within ${durationText(duration)}`;
  const afterSec = cutoffSec(scene.anchorSec, duration);
  const closedSec = openClosings(duration, scene);
  return ({ atSec }) =>
    atSec > afterSec
      ? { isKept: true, reason: rule, goes: windowDeparture({ atSec, duration: written, scene }) }
      : { isKept: false, rule, untilSec: closedSec(atSec) };
}

function judgeByCount(count: Count, { unit, scene }: { unit: Period | 'snapshot'; scene: Scene }): Judge {
  const rule = unit === 'snapshot' ? 'last' : NAMES[unit];
  const runs = openRuns(unit);
  const slots = count === 'unlimited' ? Number.POSITIVE_INFINITY : count;
  let used = 0;
  return (member) => {
    const run = runs.read(member);
    const { isOldest, atSec } = member;
    const isFirst = run.nextSec === undefined;
    if (used < slots && (isFirst || isOldest)) {
      used += 1;
      const more = count === 'unlimited' ? undefined : slots - used + 1;
      const replacedIn = isOldest && slots > 1 ? undefined : replacement(run, { unit, scene });
      return {
        isKept: true,
        reason: isFirst ? rule : `oldest ${rule}`,
        goes: { kind: 'count', more, unit, replacedIn },
      };
    }
    // The newest of its run had a slot until so many newer runs had come to be, and the oldest of all had one until then
    // where its own run had another.
    const displacedSec = runs.bornSec(run.index - slots) ?? Number.POSITIVE_INFINITY;
    const asFirstSec = Math.min(run.nextSec ?? Number.POSITIVE_INFINITY, displacedSec);
    const asOldestSec = isOldest ? (runs.bornSec(run.index - slots + 1) ?? atSec) : atSec;
    return { isKept: false, rule, untilSec: Math.max(asFirstSec, asOldestSec) };
  };
}

function judgeByWindowAndPeriod(written: Duration, { unit, scene }: { unit: Period; scene: Scene }): Judge {
  const duration = scene.zoned(written);
  const rule = `${NAMES[unit]} within ${durationText(duration)}`;
  const afterSec = cutoffSec(scene.anchorSec, duration);
  const closedSec = openClosings(duration, scene);
  const runs = openRuns(unit);
  return (member) => {
    const run = runs.read(member);
    const { atSec, isOldest } = member;
    const isFirst = run.nextSec === undefined;
    if (atSec > afterSec && (isFirst || isOldest)) {
      const replacedIn = isOldest ? undefined : replacement(run, { unit, scene });
      return {
        isKept: true,
        reason: isFirst ? rule : `oldest ${rule}`,
        goes: { ...windowDeparture({ atSec, duration: written, scene }), replacedIn },
      };
    }
    const untilSec = atSec > afterSec ? Number.POSITIVE_INFINITY : closedSec(atSec);
    return { isKept: false, rule, untilSec: isOldest ? untilSec : Math.min(untilSec, run.nextSec ?? untilSec) };
  };
}

/** The period of a run, if it is the newest and new snapshots would be of it. */
function replacement({ key, index }: Run, { unit, scene }: { unit: Period | 'snapshot'; scene: Scene }) {
  return index === 0 && unit !== 'snapshot' && key === periodKey(unit, scene.now) ? key : undefined;
}

function windowDeparture({
  atSec,
  duration,
  scene,
}: {
  readonly atSec: number;
  readonly duration: Duration;
  readonly scene: Scene;
}): Departure & { kind: 'window' } {
  const { timezone, anchor } = scene.rules;
  return {
    kind: 'window',
    sinceSec: atSec,
    duration,
    timezone,
    anchor,
    plannedSec: scene.nowSec,
    replacedIn: undefined,
  };
}

/**
 * Tells since when a window has not reached back to a snapshot that it does not reach now. To be asked of each, newest
 * first.
 */
function openClosings(duration: ZonedDuration, { rules, times }: Scene): (atSec: number) => number {
  if (rules.anchor === 'now') return (atSec) => passedSec(atSec, duration);
  let closed = 0;
  let nextCutoffSec: number | undefined;
  return (atSec) => {
    for (;;) {
      const nextSec = times[closed + 1];
      if (nextSec === undefined) break;
      nextCutoffSec ??= cutoffSec(nextSec, duration);
      if (nextCutoffSec < atSec) break;
      closed += 1;
      nextCutoffSec = undefined;
    }
    return times[closed] ?? atSec;
  };
}
