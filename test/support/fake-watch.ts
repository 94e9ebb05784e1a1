import type { WatchApp } from '../../src/cli/app/watch-app.ts';
import { ok } from '../../src/core/doctor/check.ts';
import { judgeLevels } from '../../src/core/levels/judge.ts';
import type { Measurements } from '../../src/core/levels/measurements.ts';
import { countVerdicts } from '../../src/flows/levels/read-levels.ts';
import type { ServiceLevelReport } from '../../src/flows/levels/results.ts';
import { fakeReport } from './fake-report.ts';

/** Measurements of a set in which nothing ever happened. */
const NOTHING_MEASURED: Measurements = {
  snapshot: [],
  verify: [],
  rollback: [],
  recovery: [],
  lastSnapshotAtSec: undefined,
  lastRehearsal: undefined,
  lastPassedRehearsalAtSec: undefined,
};

/** A report on these measurements, under the default limits. */
export function fakeLevels(measurements: Measurements, nowSec: number): ServiceLevelReport {
  const levels = judgeLevels(measurements, {}, { nowSec, sinceSec: undefined });
  return {
    atSec: nowSec,
    sinceSec: undefined,
    ...countVerdicts(levels),
    sets: [{ set: 'artifacts', levels }],
  };
}

/** A repository in which nothing was ever measured. */
export function fakeWatch(nowSec: number): WatchApp {
  return {
    levels: async () => fakeLevels(NOTHING_MEASURED, nowSec),
    metrics: async () => [],
    report: async () => fakeReport({ nowSec }),
    examine: async () => [ok('git', '2.39.5')],
  };
}
