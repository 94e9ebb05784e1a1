/** What some measurements come to. Each of the four is one that was measured, not a mean of two. */
export interface TimesSummary {
  readonly count: number;
  readonly medianMs: number;
  /** 95 of 100 took no longer. Of fewer than twenty, it is the worst. */
  readonly p95Ms: number;
  readonly worstMs: number;
  readonly lastMs: number;
}

/** @param timesMs - the last measured one last. @returns undefined where there is none */
export function summarizeTimes(timesMs: readonly number[]): TimesSummary | undefined {
  const lastMs = timesMs.at(-1);
  if (lastMs === undefined) return undefined;
  const sorted = timesMs.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    medianMs: quantile(sorted, 50),
    p95Ms: quantile(sorted, 95),
    worstMs: quantile(sorted, 100),
    lastMs,
  };
}

/**
 * The smallest value that at least so many in a hundred of all do not exceed: the nearest rank.
 *
 * @param sorted - in ascending order, at least one
 * @param percent - a whole number from 1 to 100, so that no rounding can move the rank
 */
export function quantile(sorted: readonly number[], percent: number): number {
  const rank = Math.ceil((sorted.length * percent) / 100);
  const value = sorted[Math.max(1, rank) - 1];
  if (value === undefined) throw new RangeError('no quantile of nothing');
  return value;
}
