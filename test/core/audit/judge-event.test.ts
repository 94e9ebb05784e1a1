import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AuditEvent } from '../../../src/core/audit/event.ts';
import {
  afterEvent,
  EMPTY_LOG,
  judgeEvent,
  judgingVersions,
  type LogState,
  voidReason,
} from '../../../src/core/audit/judge-event.ts';
import type { LoggedEvent } from '../../../src/core/audit/logged-event.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { holdersOf, isExpired, personOf } from '../../../src/core/policy/roles.ts';
import type { Role } from '../../../src/core/policy/schema.ts';
import { PolicyTimeline, type PolicyVersion } from '../../../src/core/policy/timeline.ts';
import type { Verification } from '../../../src/core/signing.ts';
import { fuzzRuns } from '../arbitraries.ts';
import { KEYS, PEOPLE, policy, REPOSITORY } from '../policy/arbitrary-policy.ts';

const digestOf = (version: number) => `sha256:${String(version).padStart(64, '0')}`;
const commitOf = (version: number) => String(version).padStart(40, '0') as Oid;
const TAG = { id: '20261122T143000Z-0123456789ab', tag: 'd'.repeat(40) as Oid, payload: digestOf(7) };

const timelines = fc.array(policy, { minLength: 1, maxLength: 3 }).map(
  (policies) =>
    new PolicyTimeline(
      policies.map(
        (some, i): PolicyVersion => ({
          policy: { ...some, version: i + 1 },
          digest: digestOf(i + 1),
          commit: commitOf(i + 1),
        }),
      ),
    ),
);

/** Mostly right, so that what is wrong is one thing. */
const near = (right: number) => fc.oneof({ weight: 5, arbitrary: fc.constant(right) }, fc.integer({ min: 0, max: 4 }));

function eventAt(state: LogState): fc.Arbitrary<AuditEvent> {
  return fc
    .record({
      type: fc.constantFrom('policy', 'snapshot', 'rollback', 'repair'),
      seq: near(state.seq + 1),
      version: fc.oneof(near(state.version), near(state.version + 1)),
      digest: fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, fc.constant(digestOf(99))),
      at: fc.constantFrom('2025-06-01T00:00:00Z', '2026-06-01T00:00:00Z', '2027-06-01T00:00:00Z'),
      repository: fc.oneof({ weight: 8, arbitrary: fc.constant(REPOSITORY) }, fc.constant('c'.repeat(64))),
      actor: fc.constantFrom(...PEOPLE),
      key: fc.constantFrom(...KEYS),
      set: fc.oneof({ weight: 5, arbitrary: fc.constant('artifacts') }, fc.constantFrom('models', 'constructor')),
    })
    .map(({ type, seq, version, digest, at, repository, actor, key, set }) => {
      const base = {
        format: 1 as const,
        seq,
        at,
        repository,
        actor,
        key,
        policy: { version, digest: digest ?? digestOf(version) },
      };
      const counts = { created: 0, replaced: 0, deleted: 0, modes: 0 };
      const bodies = {
        policy: { commit: commitOf(version) },
        snapshot: { set, snapshot: TAG, manifest: digestOf(1), subject: 'x', kinds: [] },
        rollback: {
          set,
          operation: '0'.repeat(32),
          action: 'undo',
          outcome: 'applied',
          to: TAG,
          from: TAG,
          changes: counts,
          durationMs: 1,
        },
        repair: { tip: TAG.tag, skipped: [] },
      } as const;
      return { ...base, type, ...bodies[type as keyof typeof bodies] } as unknown as AuditEvent;
    });
}

const cases = timelines.chain((timeline) => {
  const states = [1, 2, 3]
    .filter((version) => timeline.version(version) !== undefined)
    .map(
      (version): LogState => ({ ...EMPTY_LOG, seq: 3, oid: commitOf(50), version, policyCommit: commitOf(version) }),
    );
  return fc.constantFrom(EMPTY_LOG, ...states).chain((state) =>
    fc.record({
      timeline: fc.constant(timeline),
      state: fc.constant(state),
      event: eventAt(state),
      signedBy: fc.option(fc.constantFrom(...KEYS), { freq: 4, nil: undefined }),
      verdict: fc.constantFrom('good', 'good', 'good', 'good', 'bad', 'unknown-key'),
    }),
  );
});

const NEEDED: Readonly<Record<string, readonly Role[]>> = {
  policy: ['root'],
  snapshot: ['snapshotter', 'releaser'],
  rollback: ['releaser'],
  repair: ['auditor'],
};

test('no event stands without a good signature by the holder of a role for it, in its place', () => {
  let stood = 0;
  fc.assert(
    fc.property(cases, ({ timeline, state, event, signedBy, verdict }) => {
      const key = signedBy ?? event.key;
      const verification: Verification =
        verdict === 'good'
          ? { status: 'good', key, signedAtSec: undefined }
          : verdict === 'bad'
            ? { status: 'bad', reason: 'x' }
            : { status: 'unknown-key', keyId: key };
      const logged = { oid: commitOf(60), event } as LoggedEvent;
      if (judgeEvent(state, { logged, verification }, timeline) !== undefined) return;
      stood++;
      expect([verification.status, key, event.seq, event.repository]).toEqual([
        'good',
        event.key,
        state.seq + 1,
        REPOSITORY,
      ]);
      const judges = judgingVersions(state, event, timeline);
      const set = 'set' in event ? event.set : undefined;
      const mayDoIt = judges.some(({ policy: some }) => {
        const person = personOf(some, event.key);
        const holders = (NEEDED[event.type] ?? []).flatMap((role) => holdersOf(some, role, { set }));
        return person === event.actor && holders.includes(person);
      });
      expect(mayDoIt).toBe(true);
      if (set !== undefined) expect(set).toBe('artifacts');
      const next = afterEvent(state, logged);
      expect(next.seq).toBe(state.seq + 1);
      if (event.type === 'policy') {
        expect(next.version).toBe(state.version + 1);
        expect(next.policyCommit).toBe(timeline.version(next.version)?.commit);
      } else {
        expect([next.version, event.policy.version, event.policy.digest]).toEqual([
          state.version,
          state.version,
          digestOf(state.version),
        ]);
        const inForce = timeline.version(state.version)?.policy;
        if (event.type === 'snapshot' && inForce !== undefined)
          expect(isExpired(inForce, Date.parse(event.at) / 1000)).toBe(false);
      }
      expect(next.latestAtSec).toBeGreaterThanOrEqual(state.latestAtSec);
    }),
    fuzzRuns(5000),
  );
  // The property is about something.
  expect(stood).toBeGreaterThan(0);
});

test('a revoked key’s deeds do not count from its place on, and do before', () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 1, max: 12 }), ({ timeline, event }, seq) => {
      const placed = { ...event, seq };
      const since = timeline.latest.policy.revoked?.[event.key]?.since;
      const isDeed = event.type === 'snapshot' || event.type === 'rollback';
      expect(voidReason(placed, timeline) !== undefined).toBe(isDeed && since !== undefined && seq >= since);
    }),
    fuzzRuns(1000),
  );
});
