import type { Measurements } from '../../src/core/levels/measurements.ts';
import type { Oid } from '../../src/core/oid.ts';
import type { KeyId } from '../../src/core/signing.ts';
import type { PromotionInfo } from '../../src/flows/promotion/results.ts';
import type { RepositoryReport } from '../../src/flows/report/results.ts';
import { fakeLevels } from './fake-watch.ts';

const DAY_SEC = 86_400;
const KEY = `openpgp:${'A'.repeat(40)}` as KeyId;
const DIGEST = `sha256:${'e'.repeat(64)}`;
const NAME = { id: '20261122T090000Z-0123456789ab', tag: 'd'.repeat(40) as Oid, payload: DIGEST };

/**
 * A report with something in each of its parts.
 *
 * @param options.text - what people wrote, wherever they could
 */
export function fakeReport({ nowSec, text = 'Nightly build' }: { nowSec: number; text?: string }): RepositoryReport {
  const measured = (...times: number[]) => times.map((ms, i) => ({ ms, atSec: nowSec - (times.length - i) * DAY_SEC }));
  const measurements: Measurements = {
    snapshot: measured(2100, 1900, 2400, 2000, 9000, 2200),
    verify: measured(4000, 4100),
    rollback: measured(12_000, 420_000, 9000, 11_000),
    recovery: measured(31_000, 29_500, 33_000, 28_000),
    lastSnapshotAtSec: nowSec - 3 * 3600,
    lastRehearsal: { atSec: nowSec - 2 * DAY_SEC, passed: true },
    lastPassedRehearsalAtSec: nowSec - 2 * DAY_SEC,
  };
  const promotion = (number: number, status: PromotionInfo['status']): PromotionInfo => ({
    seq: 7,
    set: 'artifacts',
    environment: 'production',
    number,
    ref: `refs/promotions/artifacts/production/${number}`,
    tag: NAME.tag,
    snapshot: NAME.id,
    payload: DIGEST,
    action: 'promote',
    status,
    promoter: 'ada',
    author: 'ben',
    atSec: nowSec - DAY_SEC,
    effectiveAtSec: status === 'live' ? nowSec - DAY_SEC : undefined,
    reason: text,
    gates: [],
    opinions: [],
    tally: { needed: 1, approved: status === 'live' ? ['cy'] : [], rejected: [], others: ['dan'], isEnough: true },
    frozen: [],
    breakGlass: false,
    holds: false,
  });
  const [live, pending] = [promotion(4, 'live'), promotion(5, 'pending')];
  const base = {
    format: 1 as const,
    at: new Date((nowSec - 2 * DAY_SEC) * 1000).toISOString().replace('.000', ''),
    repository: 'b'.repeat(64),
    actor: 'ada',
    key: KEY,
    policy: { version: 3, digest: DIGEST },
    set: 'artifacts',
  };
  return {
    atSec: nowSec,
    sinceSec: nowSec - 30 * DAY_SEC,
    proof: {
      repository: base.repository,
      policy: { version: 3, digest: DIGEST, root: `sha256:${'f'.repeat(64)}` },
      log: { tip: 'c'.repeat(40), digest: `sha256:${'7'.repeat(64)}`, events: 42, voided: 0 },
      findings: [],
    },
    policyExpiresAtSec: nowSec + 20 * DAY_SEC,
    keys: [
      {
        key: KEY,
        person: 'ada',
        status: 'active',
        fromVersion: 1,
        toVersion: 3,
        roles: ['root', 'promoter'],
        revoked: undefined,
        expiresAtSec: nowSec + 200 * DAY_SEC,
      },
    ],
    levels: fakeLevels(measurements, nowSec),
    sets: [
      {
        set: 'artifacts',
        path: 'artifacts',
        environments: [
          {
            set: 'artifacts',
            environment: 'production',
            from: undefined,
            hold: undefined,
            live,
            pending: [pending],
            soakLeftSec: undefined,
            frozen: [],
            nextFreeze: undefined,
          },
        ],
        kept: 12,
        keptBytes: 154_769_808,
        newest: [
          {
            id: NAME.id,
            atSec: nowSec - 3 * 3600,
            actor: 'ben',
            subject: text,
            files: 1204,
            bytes: 12_897_484,
            backup: false,
          },
        ],
        holds: [
          {
            set: 'artifacts',
            snapshot: NAME.id,
            case: 'audit-2026',
            reason: text,
            by: 'dan',
            sinceSec: nowSec - 9 * DAY_SEC,
            untilSec: undefined,
            over: false,
          },
        ],
        trash: [
          {
            set: 'artifacts',
            snapshot: '20261001T090000Z-ba9876543210',
            removedAtSec: nowSec - 4 * DAY_SEC,
            rule: 'not kept by last',
            endsAtSec: nowSec + 10 * DAY_SEC,
            over: false,
          },
        ],
        retention: { remove: 2, drop: 0 },
        measurements,
      },
    ],
    promotions: [pending, live],
    rollbacks: [
      {
        ...base,
        seq: 30,
        type: 'rollback',
        operation: '0'.repeat(32),
        action: 'rollback',
        outcome: 'applied',
        to: NAME,
        from: { ...NAME, id: '20261122T110000Z-ba9876543210' },
        changes: { created: 0, replaced: 3, deleted: 0, modes: 0 },
        durationMs: 11_000,
        reason: text,
      },
    ],
    rehearsals: [
      {
        ...base,
        seq: 31,
        type: 'rehearsal',
        snapshot: NAME,
        from: NAME,
        verdict: 'fail',
        criteria: [{ criterion: 'loss', limit: text.slice(0, 100), value: '3h', ok: false }],
        recoveryMs: 28_000,
        lossSec: 3 * 3600,
        phases: [],
        files: 1204,
        bytes: 12_897_484,
        report: DIGEST,
      },
    ],
    events: [{ type: 'snapshot', count: 30 }],
  };
}
