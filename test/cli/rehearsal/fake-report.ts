import type { RehearsalReport, RehearsalResult, RehearsedSnapshot } from '../../../src/flows/rehearsal/results.ts';
import { NOW_SEC } from '../../support/fake-app.ts';

const DAY = 86_400;
const PHASES = [
  ['resolve', 8],
  ['verify', 60],
  ['scan', 120],
  ['plan', 30],
  ['backup', 15],
  ['stage', 640],
  ['apply', 210],
  ['check', 180],
  ['record', 90],
] as const;
const phasesOf = (factor: number) => PHASES.map(([phase, ms]) => ({ phase, ms: Math.round(factor * ms) }));
const changes = { created: 120, replaced: 30, deleted: 4, modes: 1 };

/** A snapshot that was rehearsed, and passed. */
export function fakeRehearsed(given: Partial<RehearsedSnapshot> = {}): RehearsedSnapshot {
  return {
    snapshot: '20261122T090000Z-0123456789ab',
    purpose: 'environment',
    environment: 'production',
    start: 'copy',
    verdict: 'pass',
    criteria: [
      { criterion: 'exact', limit: 'there and back, every byte', value: 'there and back', ok: true },
      { criterion: 'untouched', limit: 'nothing of the directory changes', value: 'nothing changed', ok: true },
      { criterion: 'recovery', limit: '5m', value: '1.4 s', ok: true },
    ],
    failure: undefined,
    recoveryMs: 1353,
    verifyMs: 420,
    files: 1204,
    bytes: 12_897_484,
    there: { phases: phasesOf(1), changes, durationMs: 1353 },
    back: { phases: phasesOf(0.8), changes: { ...changes, created: 4, deleted: 120 }, durationMs: 1082 },
    gates: [],
    faults: undefined,
    ...given,
  };
}

/** A report on one snapshot, with rehearsals before it. */
export function fakeReport(given: Partial<RehearsalReport> = {}): RehearsalResult {
  const report: RehearsalReport = {
    repository: '9'.repeat(64),
    set: 'artifacts',
    startedAtSec: NOW_SEC,
    durationMs: 5300,
    policy: { version: 3, digest: `sha256:${'f'.repeat(64)}` },
    verdict: 'pass',
    live: {
      snapshot: '20261122T110000Z-ba9876543210',
      isTaken: true,
      manifest: `sha256:${'1'.repeat(64)}`,
      files: 1304,
      bytes: 13_000_000,
      changed: [],
      copyMs: 900,
    },
    last: { snapshot: '20261122T090000Z-0123456789ab', atSec: NOW_SEC - 3 * 3600, ageSec: 3 * 3600 },
    rehearsals: [fakeRehearsed()],
    history: [1400, 1280, 3900, 1300, 1210].map((recoveryMs, i) => ({
      seq: 90 - i,
      atSec: NOW_SEC - (i + 1) * 7 * DAY,
      snapshot: '20261101T090000Z-0123456789ab',
      environment: i === 1 ? 'staging' : undefined,
      verdict: i === 2 ? 'fail' : 'pass',
      recoveryMs,
      isBack: i !== 2,
      actor: 'ada',
    })),
    ...given,
  };
  return { report, digest: `sha256:${'d'.repeat(64)}`, isRecorded: true };
}
