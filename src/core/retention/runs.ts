import { type LocalTime, type Period, type PeriodKey, periodKey } from './calendar.ts';

/** Neighbours of one period, seen from the newest on. A clock that is put back over midnight makes two runs of a day. */
export interface Run {
  readonly key: PeriodKey | undefined;
  /** 0: the newest. */
  readonly index: number;
  /** When the next newer snapshot of the run was taken; undefined: this one is its newest. */
  readonly nextSec: number | undefined;
}

/** Tells each snapshot, newest first, which run it is in. */
export interface RunReader {
  read(snapshot: { readonly atSec: number; readonly local: LocalTime }): Run;
  /** When a run came to be, which is when its oldest was taken. Known of all runs before the one that was read last. */
  bornSec(index: number): number | undefined;
}

/** Runs of a period, or, where each snapshot stands for itself, of one snapshot each. */
export function openRuns(unit: Period | 'snapshot'): RunReader {
  const births: number[] = [];
  let lastKey: PeriodKey | undefined;
  return {
    read: ({ local, atSec }) => {
      const key = unit === 'snapshot' ? undefined : periodKey(unit, local);
      const nextSec = key !== undefined && key === lastKey ? births.at(-1) : undefined;
      lastKey = key;
      if (nextSec === undefined) births.push(atSec);
      else births[births.length - 1] = atSec;
      return { key, index: births.length - 1, nextSec };
    },
    bornSec: (index) => births[index],
  };
}
