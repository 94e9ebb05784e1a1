import type { Policy } from '../policy/schema.ts';
import { LEVELS, type LevelLimit, type LevelName, limitsOf } from './limits.ts';
import type { Measurement, Measurements } from './measurements.ts';
import { summarizeTimes, type TimesSummary } from './quantiles.ts';

/**
 * Four outcomes, never a boolean: what was never measured is neither met nor broken, and where there is no limit, there is
 * nothing to meet.
 */
export const LEVEL_VERDICTS = ['met', 'broken', 'unmeasured', 'unlimited'] as const;
/** One of {@link LEVEL_VERDICTS}. */
export type LevelVerdict = (typeof LEVEL_VERDICTS)[number];

/** One level, held against its limit. */
export interface Level {
  readonly level: LevelName;
  readonly verdict: LevelVerdict;
  readonly limit: LevelLimit | undefined;
  /** How long it took; undefined for an age, and where it was never measured. */
  readonly times: TimesSummary | undefined;
  /** Since when; undefined for a time, and where it never happened. */
  readonly sinceSec: number | undefined;
  /** How old it is, in seconds, at least 0; with `sinceSec`. */
  readonly ageSec: number | undefined;
}

/** When to judge, and what to look at. */
export interface Judging {
  readonly nowSec: number;
  /** Times that were measured before are left out. Ages are what they are. */
  readonly sinceSec: number | undefined;
}

type TimeLevel = 'snapshot' | 'verify' | 'rollback' | 'recovery';

/**
 * Holds what was measured against the limits of the policy.
 *
 * A time is broken if the last one was longer than the limit, or more than 5 of 100 were: how it is now, and how it mostly is.
 * One outlier among many is told of as the worst, and breaks nothing for ever. An age is broken once it is above the limit;
 * if the policy itself sets that limit, also while it never happened, since then nothing of that age is there.
 */
export function judgeLevels(
  measurements: Measurements,
  policy: Pick<Policy, 'serviceLevels' | 'rehearsal'>,
  judging: Judging,
): Level[] {
  const limitOf = limitsOf(policy);
  return LEVELS.map((level) => {
    const limit = limitOf(level);
    if (level === 'snapshot-age') return ageLevel(level, measurements.lastSnapshotAtSec, { limit, ...judging });
    if (level === 'rehearsal-age') return ageLevel(level, measurements.lastPassedRehearsalAtSec, { limit, ...judging });
    return timeLevel(level, measurements[level], { limit, ...judging });
  });
}

type Limited = Judging & { readonly limit: LevelLimit | undefined };

function ageLevel(level: LevelName, sinceSec: number | undefined, { limit, nowSec }: Limited): Level {
  // Snapshots that are taken at once run some seconds ahead of the clock.
  const ageSec = sinceSec === undefined ? undefined : Math.max(0, nowSec - sinceSec);
  return { level, verdict: ageVerdict(ageSec, limit), limit, times: undefined, sinceSec, ageSec };
}

function ageVerdict(ageSec: number | undefined, limit: LevelLimit | undefined): LevelVerdict {
  if (ageSec === undefined) return limit?.source === 'policy' ? 'broken' : 'unmeasured';
  if (limit === undefined) return 'unlimited';
  return ageSec > limit.limitSec ? 'broken' : 'met';
}

function timeLevel(level: TimeLevel, measured: readonly Measurement[], { limit, sinceSec }: Limited): Level {
  const counted = measured.filter(({ atSec }) => sinceSec === undefined || atSec >= sinceSec);
  const times = summarizeTimes(counted.map(({ ms }) => ms));
  return { level, verdict: timeVerdict(times, limit), limit, times, sinceSec: undefined, ageSec: undefined };
}

function timeVerdict(times: TimesSummary | undefined, limit: LevelLimit | undefined): LevelVerdict {
  if (times === undefined) return 'unmeasured';
  if (limit === undefined) return 'unlimited';
  const limitMs = limit.limitSec * 1000;
  return times.p95Ms > limitMs || times.lastMs > limitMs ? 'broken' : 'met';
}
