import type { Effect, Point } from './strace/run-traced.ts';
import type { Fault } from './try-fault.ts';

/** Which faults are tried at a point. */
function effectsAt({ process }: Point): readonly Effect[] {
  const isGit = process !== 'main' && process !== 'worker';
  return ['kill', 'ENOSPC', 'EIO', 'EACCES', ...(isGit ? (['kill-git'] as const) : [])];
}

/** All faults of these points; each way back in turn. */
export function allFaults(points: readonly Point[]): Fault[] {
  return points
    .flatMap((point) => effectsAt(point).map((effect) => ({ point, effect })))
    .map((fault, i) => ({ ...fault, way: i % 2 === 0 ? '--continue' : '--abort' }));
}

/** A fault in words: `kill main rename 3 of artifacts/expected`. */
export function faultName({ effect, point: { process, call, ordinal, path } }: Fault): string {
  return `${effect} ${process} ${call} ${ordinal} of ${path}`;
}

/** So many of them, evenly spread. */
export function spread<T>(all: readonly T[], count: number): T[] {
  if (count >= all.length) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / count)]).filter(
    (one) => one !== undefined,
  );
}
