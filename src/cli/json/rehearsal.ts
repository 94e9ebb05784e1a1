import type { PhaseTime } from '../../core/rollback/phases.ts';
import type {
  RehearsalReport,
  RehearsedFaults,
  RehearsedRollback,
  RehearsedSnapshot,
} from '../../flows/rehearsal/results.ts';
import { isoTime } from '../render/times.ts';
import { jsonText } from '../terminal/output.ts';
import { gateJson } from './gates.ts';
import { pathJson } from './snapshot.ts';

const MAX_CHANGED = 100;

/** What `rehearse --json` prints, to the last byte. */
export function rehearsalText(report: RehearsalReport): string {
  return `${jsonText(rehearsalJson(report))}\n`;
}

/** Of `rehearse --json`. It tells nothing of the log, which has its digest. */
export function rehearsalJson({ live, last, ...report }: RehearsalReport) {
  return {
    repository: report.repository,
    set: report.set,
    startedAt: isoTime(report.startedAtSec),
    durationMs: report.durationMs,
    policy: { version: report.policy.version, digest: report.policy.digest },
    verdict: report.verdict,
    live: {
      snapshot: live.snapshot ?? null,
      taken: live.isTaken,
      manifest: live.manifest,
      files: live.files,
      bytes: live.bytes,
      changed: live.changed.slice(0, MAX_CHANGED).map(pathJson),
      changedPaths: live.changed.length,
      copyMs: live.copyMs ?? null,
    },
    last: last === undefined ? null : { snapshot: last.snapshot, at: isoTime(last.atSec), ageSec: last.ageSec },
    rehearsals: report.rehearsals.map(snapshotOf),
    history: report.history.map(({ seq, atSec, snapshot, environment, verdict, recoveryMs, isBack, actor }) => ({
      seq,
      at: isoTime(atSec),
      snapshot,
      environment: environment ?? null,
      verdict,
      recoveryMs,
      back: isBack,
      actor,
    })),
  };
}

function snapshotOf(rehearsed: RehearsedSnapshot) {
  const { there, back, faults } = rehearsed;
  return {
    snapshot: rehearsed.snapshot,
    purpose: rehearsed.purpose,
    environment: rehearsed.environment ?? null,
    start: rehearsed.start,
    verdict: rehearsed.verdict,
    criteria: rehearsed.criteria.map(({ criterion, limit, value, ok }) => ({ criterion, limit, value, ok })),
    failure: rehearsed.failure ?? null,
    recoveryMs: rehearsed.recoveryMs,
    verifyMs: rehearsed.verifyMs ?? null,
    files: rehearsed.files,
    bytes: rehearsed.bytes,
    there: there === undefined ? null : rollbackOf(there),
    back: back === undefined ? null : rollbackOf(back),
    gates: rehearsed.gates.map(gateJson),
    faults: faults === undefined ? null : faultsOf(faults),
  };
}

function rollbackOf({ phases, changes, durationMs }: RehearsedRollback) {
  const { created, replaced, deleted, modes } = changes;
  return { phases: phases.map(phaseOf), changes: { created, replaced, deleted, modes }, durationMs };
}

function phaseOf({ phase, ms }: PhaseTime) {
  return { phase, ms };
}

function faultsOf({ steps, points, recovered, failures }: RehearsedFaults) {
  return { steps, points, recovered, failures: failures.map(({ step, way, detail }) => ({ step, way, detail })) };
}
