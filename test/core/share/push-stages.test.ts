import { expect, test } from 'vitest';
import type { LoggedEvent } from '../../../src/core/audit/logged-event.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { LOG_REF, POLICY_REF } from '../../../src/core/refs.ts';
import { nextStage } from '../../../src/core/share/push-stages.ts';
import { targetRefs } from '../../../src/core/share/target-refs.ts';
import { pushGroups } from '../../../src/core/share/transport.ts';
import { idTimeSec, snapshotId } from '../../../src/core/snapshot/manifest.ts';

const oid = (number: number) => number.toString(16).padStart(40, '0') as Oid;
const base = {
  format: 1 as const,
  at: '2026-11-22T12:00:00Z',
  repository: 'a'.repeat(64),
  actor: 'ada',
  key: `openpgp:${'A'.repeat(40)}` as const,
  policy: { version: 1, digest: `sha256:${'d'.repeat(64)}` },
};

/** A log of a policy and so many snapshots. */
function logOf(snapshots: number): LoggedEvent[] {
  const startSec = idTimeSec('20261122T120000Z-000000000000');
  const policy = {
    oid: oid(1),
    commit: { tree: oid(0), parent: undefined },
    event: { ...base, type: 'policy' as const, seq: 1, commit: oid(2) },
  };
  const others = Array.from({ length: snapshots }, (_, i): LoggedEvent => {
    const id = snapshotId(startSec + i, '0'.repeat(64));
    const payload = `sha256:${i.toString(16).padStart(64, '0')}`;
    const snapshot = { id, tag: oid(1_000_000 + i), payload };
    const event = {
      ...base,
      type: 'snapshot' as const,
      seq: i + 2,
      set: 'artifacts',
      snapshot,
      manifest: payload,
      subject: '',
      kinds: [],
    };
    return { oid: oid(10 + i), commit: { tree: oid(0), parent: oid(9 + i) }, event };
  });
  return [policy, ...others];
}

test('a state that is too large for one push goes in several, and is whole after each', () => {
  const events = logOf(5000);
  const state = {
    events,
    tip: events.at(-1)?.oid ?? oid(0),
    policyCommit: oid(2),
    mirrors: false,
    proposals: new Map(),
  };
  let current: ReadonlyMap<string, Oid> = new Map();
  let sentEvents = 0;
  let pushes = 0;
  for (;;) {
    const stage = nextStage(current, state, { sentEvents });
    if (stage === undefined) break;
    pushes += 1;
    expect(pushGroups(stage.updates)).toHaveLength(1);
    expect(stage.sentEvents).toBeGreaterThan(sentEvents);
    const part = events.slice(0, stage.sentEvents);
    expect(stage.after).toEqual(targetRefs({ ...state, events: part, tip: part.at(-1)?.oid ?? oid(0) }));
    expect(stage.updates.map(({ ref }) => ref)).toContain(LOG_REF);
    for (const { ref, expected } of stage.updates) expect(expected).toBe(current.get(ref) ?? null);
    ({ after: current, sentEvents } = stage);
  }
  expect(pushes).toBeGreaterThan(1);
  expect(current).toEqual(targetRefs(state));
  expect(current.get(POLICY_REF)).toBe(oid(2));
});
