import type { AuditEvent } from '../../../src/core/audit/event.ts';
import type { MeasuredLog } from '../../../src/core/levels/measurements.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { RetentionLedger } from '../../../src/core/retention/ledger.ts';
import type { KeyId } from '../../../src/core/signing.ts';

/** When the first event happened: 2026-11-01 00:00 UTC. Each later one is an hour after the one before. */
export const START_SEC = Date.UTC(2026, 10, 1) / 1000;
export const HOUR_SEC = 3600;

const digest = `sha256:${'d'.repeat(64)}`;

/** A snapshot's name in the log. */
function named(hour: number) {
  const pad = String(hour % 24).padStart(2, '0');
  const day = String(1 + Math.floor(hour / 24)).padStart(2, '0');
  return { id: `202611${day}T${pad}0000Z-0123456789ab`, tag: oidOf(hour), payload: digest };
}

/** What is particular to an event; the rest is made up. */
export type Told =
  | { type: 'snapshot'; durationMs?: number; backup?: true; set?: string; bytes?: number; subject?: string }
  | { type: 'promotion'; verifyMs?: number }
  | { type: 'rollback'; durationMs: number; outcome?: 'applied' | 'reverted'; paths?: string[] }
  | { type: 'rehearsal'; recoveryMs: number; verdict: 'pass' | 'fail'; failed?: 'recovery' | 'exact' }
  | { type: 'prune'; removed: number[] };

/** A log of these, one an hour. @param voided - places of those that do not count any more */
export function logOf(told: readonly Told[], voided: readonly number[] = []): MeasuredLog & { nowSec: number } {
  const retention = new RetentionLedger();
  const events = told.map((one, hour) => {
    const event = eventOf(one, hour);
    retention.enter(event, oidOf(hour));
    return { oid: oidOf(hour), commit: { tree: oidOf(0), parent: undefined }, event };
  });
  return {
    events,
    voided: new Map(voided.map((place) => [oidOf(place), 'its key was revoked'])),
    retention,
    nowSec: START_SEC + told.length * HOUR_SEC,
  };
}

function oidOf(hour: number): Oid {
  return hour.toString(16).padStart(40, '0') as Oid;
}

function eventOf(told: Told, hour: number): AuditEvent {
  const common = {
    format: 1 as const,
    seq: hour + 1,
    at: new Date((START_SEC + hour * HOUR_SEC) * 1000).toISOString().replace('.000', ''),
    repository: 'a'.repeat(64),
    actor: 'ada',
    key: `openpgp:${'A'.repeat(40)}` as KeyId,
    policy: { version: 1, digest },
    set: 'artifacts',
  };
  const snapshot = named(hour);
  switch (told.type) {
    case 'snapshot': {
      const { bytes = 10, subject = 'taken', ...rest } = told;
      return { ...common, subject, ...rest, snapshot, manifest: digest, kinds: [{ kind: 'other', files: 1, bytes }] };
    }
    case 'promotion': {
      const promotion = { environment: 'staging', number: hour + 1, action: 'promote' as const, reason: 'because' };
      return { ...common, ...told, ...promotion, tag: oidOf(hour), payload: digest, snapshot, gates: [] };
    }
    case 'rollback': {
      const changes = { created: 0, replaced: 1, deleted: 0, modes: 0 };
      const made = { operation: 'b'.repeat(32), action: 'rollback' as const, to: snapshot, from: snapshot, changes };
      return { ...common, outcome: 'applied', ...told, ...made };
    }
    case 'rehearsal': {
      const { failed = 'recovery', ...rest } = told;
      const criterion = { criterion: failed, limit: '5m', value: 'some', ok: told.verdict === 'pass' };
      const made = { criteria: [criterion], phases: [], files: 1, bytes: 1, report: digest };
      return { ...common, ...rest, ...made, snapshot, from: snapshot };
    }
    case 'prune': {
      const removed = told.removed.map((place) => ({ ...named(place), rule: 'not kept by last' }));
      return { ...common, type: 'prune', removed, dropped: [], plan: digest } as unknown as AuditEvent;
    }
  }
}
