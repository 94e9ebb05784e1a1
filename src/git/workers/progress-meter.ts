import type { Progress } from '../../core/ports.ts';

const MIN_INTERVAL_MS = 100;

/** Counts in parts of whole units, and passes the sum on, in whole ones, at most ten times a second, and at the end. */
export function progressMeter(progress: Progress | undefined, total: number): (more: number) => void {
  let done = 0;
  let lastMs = 0;
  return (more) => {
    done += more;
    if (progress === undefined) return;
    const nowMs = performance.now();
    // Parts may not add up to the last bit.
    const whole = Math.min(Math.floor(done + 1e-6), total);
    if (whole < total && nowMs - lastMs < MIN_INTERVAL_MS) return;
    lastMs = nowMs;
    progress(whole, total);
  };
}
