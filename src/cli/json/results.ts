import { displayBytes } from '../../core/byte-string.ts';
import type { Entry } from '../../core/entry.ts';
import type { SnapshotInfo } from '../../core/snapshot/snapshot-info.ts';
import type {
  CreateResult,
  DiffResult,
  InitResult,
  LogEntry,
  RollbackResult,
  StatusResult,
  VerifyResult,
} from '../../flows/results.ts';
import type { PruneOutcome } from '../../flows/retention/apply-prune.ts';
import { isoTime } from '../render/times.ts';
import { gateJson } from './gates.ts';
import { healthJson } from './health.ts';
import { changeJson, countChanges, pathJson, snapshotJson } from './snapshot.ts';

/** Of `create --json`. */
export function createJson(result: CreateResult, pruned: PruneOutcome | undefined) {
  return {
    created: result.outcome === 'created',
    snapshot: result.snapshot === undefined ? null : snapshotJson(result.snapshot),
    changes: countChanges(result.changes),
    kinds: result.kinds.map(({ kind, files, bytes }) => ({ kind, files, bytes })),
    files: result.files,
    bytes: result.bytes,
    gates: result.gates.map(gateJson),
    ...(pruned === undefined
      ? {}
      : {
          pruned: {
            removed: pruned.plan.remove.map(({ id }) => id),
            dropped: pruned.plan.drop.map(({ fate }) => fate.snapshot.id),
          },
        }),
    ...(result.outcome === 'dry-run'
      ? { dryRun: true, gatesNotRun: result.gatesNotRun, excluded: excludedJson(result) }
      : {}),
  };
}

function excludedJson({ excluded }: CreateResult) {
  return excluded.map(({ path, directory, pattern, source }) => ({ ...pathJson(path), directory, pattern, source }));
}

/** Of `init --json`. */
export function initJson(result: InitResult) {
  return {
    repository: result.repository,
    sets: result.sets.map(({ set, path }) => ({ set, path })),
    key: result.key,
    keySource: { kind: result.keySource.kind, file: result.keySource.file ?? null },
    policy: { version: result.policy.version, digest: result.policy.digest },
    remotes: result.remotes,
  };
}

/** Of `status --json`. */
export function statusJson(result: StatusResult) {
  const { rollback } = result;
  return {
    set: result.set,
    snapshot: result.snapshot === undefined ? null : snapshotJson(result.snapshot),
    exists: result.exists,
    clean: result.clean,
    changes: result.changes.map(changeJson),
    unfit: result.unfit.map(({ path, what }) => ({ ...pathJson(path), what })),
    rollbackInProgress: rollback !== undefined,
    rollback:
      rollback === undefined
        ? null
        : {
            set: rollback.set,
            from: rollback.from ?? null,
            to: rollback.to,
            startedAt: isoTime(rollback.startedAtSec),
            process: processJson(rollback.heldBy),
          },
    busy: processJson(result.busy),
  };
}

function processJson(holder: StatusResult['busy']) {
  return holder === undefined ? null : { pid: holder.pid, host: holder.host ?? null };
}

/** Of `diff --json`. */
export function diffJson({ from, to, changes }: DiffResult) {
  return { from: from.id, to: to?.id ?? null, changes: changes.map(changeJson) };
}

/** Of `manifest --json`. */
export function manifestJson(info: SnapshotInfo, entries: readonly Entry[]) {
  return {
    snapshot: snapshotJson(info),
    entries: entries.map(({ path, mode, sha256, size }) => ({
      ...pathJson(path),
      mode: mode.toString(8).padStart(6, '0'),
      sha256,
      size,
    })),
  };
}

/** Of `verify --json`. */
export function verifyJson(result: VerifyResult) {
  return {
    ok: result.ok,
    results: result.results.map(({ set, id, ok, checks }) => ({
      set,
      // The name of an odd ref may be any bytes.
      id: pathJson(id).path,
      ok,
      checks: checks.map(({ check, ok, detail }) => ({ check, ok, detail })),
    })),
  };
}

/** Of `rollback --json` and `restore --json`. */
export function rollbackJson(result: RollbackResult) {
  const { created, replaced, deleted, modes } = result.changes;
  return {
    outcome: result.outcome,
    set: result.set,
    from: result.from ?? null,
    to: result.to,
    backup: result.backup ?? null,
    changes: { created, replaced, deleted, modes },
    ...(result.outcome === 'planned' ? { paths: result.paths.map(changeJson) } : {}),
    rescued: result.rescued.map(({ path, keptAs, programs }) => ({
      ...pathJson(path),
      keptAs,
      programs: programs.map(displayBytes),
    })),
    changedAfter: {
      paths: result.changedAfter.paths.map(pathJson),
      programs: result.changedAfter.programs.map(displayBytes),
    },
    appeared: result.appeared.map(pathJson),
    gates: result.gates.map(gateJson),
    health: result.health === undefined ? null : healthJson(result.health),
    phases: result.phases.map(({ phase, ms }) => ({ phase, ms })),
    durationMs: result.durationMs,
  };
}

/** Of one entry of `log --json`. */
export function logEntryJson(entry: LogEntry) {
  return {
    seq: entry.seq,
    commit: entry.commit,
    type: entry.type,
    at: isoTime(entry.atSec),
    actor: entry.actor,
    key: entry.key,
    set: entry.set ?? null,
    snapshot: entry.snapshot ?? null,
    summary: entry.summary,
    voided: entry.voided ?? null,
    event: entry.event,
  };
}
