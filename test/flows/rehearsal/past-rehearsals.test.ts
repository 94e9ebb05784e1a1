import { expect, test } from 'vitest';
import { measurementsOf } from '../../../src/core/levels/measurements.ts';
import { lastSnapshot } from '../../../src/flows/rehearsal/past-rehearsals.ts';
import { HOUR_SEC, logOf, START_SEC, type Told } from '../../core/levels/events.ts';

const took = { type: 'snapshot' } as const;

test.each<[string, Told[], number[], number | undefined]>([
  ['the newest', [took, took], [], 1],
  ['not the backup of a rollback', [took, { type: 'snapshot', backup: true }], [], 0],
  ['not one that was pruned', [took, took, { type: 'prune', removed: [1] }], [], 0],
  ['not one that does not count', [took, took], [1], 0],
  ['none where there are backups only', [{ type: 'snapshot', backup: true }], [], undefined],
])('the last snapshot is %s, for a rehearsal as for service levels', (_, told, voided, hour) => {
  const log = logOf(told, voided);
  const atSec = hour === undefined ? undefined : START_SEC + hour * HOUR_SEC;
  const last = lastSnapshot(log, { set: 'artifacts', nowSec: log.nowSec });
  expect(last?.atSec).toBe(atSec);
  expect(last?.ageSec).toBe(atSec === undefined ? undefined : log.nowSec - atSec);
  expect(measurementsOf(log, 'artifacts').lastSnapshotAtSec).toBe(atSec);
});
