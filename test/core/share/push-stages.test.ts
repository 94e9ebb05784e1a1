import { expect, test } from 'vitest';
import type { AuditEvent } from '../../../src/core/audit/event.ts';
import type { LoggedEvent } from '../../../src/core/audit/logged-event.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { LOG_REF, POLICY_REF, snapshotRef } from '../../../src/core/refs.ts';
import { nextStage, type PushStage } from '../../../src/core/share/push-stages.ts';
import { type ToldState, targetRefs } from '../../../src/core/share/target-refs.ts';
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

/** What is to be sent of a log of snapshots. */
const stateOf = (events: readonly LoggedEvent[]): ToldState => ({
  events,
  tip: events.at(-1)?.oid ?? oid(0),
  policyCommit: oid(2),
  mirrors: false,
  proposals: new Map(),
});

/** All pushes to an empty remote, each of which must go on from the one before. */
function stagesOf(state: ToldState): PushStage[] {
  const stages: PushStage[] = [];
  let current: ReadonlyMap<string, Oid> = new Map();
  for (let sentEvents = 0; ; ) {
    const stage = nextStage(current, state, { sentEvents });
    if (stage === undefined) break;
    stages.push(stage);
    expect(pushGroups(stage.updates)).toHaveLength(1);
    expect(stage.sentEvents).toBeGreaterThan(sentEvents);
    expect(stage.updates.map(({ ref }) => ref)).toContain(LOG_REF);
    for (const { ref, expected } of stage.updates) expect(expected).toBe(current.get(ref) ?? null);
    ({ after: current, sentEvents } = stage);
  }
  expect(stages.length).toBeGreaterThan(1);
  expect(current).toEqual(targetRefs(state));
  return stages;
}

const partOf = ({ events }: ToldState, { sentEvents }: PushStage) => targetRefs(stateOf(events.slice(0, sentEvents)));

test('a state that is too large for one push goes in several, and is whole after each', () => {
  const state = stateOf(logOf(5000));
  const stages = stagesOf(state);
  for (const stage of stages) expect(stage.after).toEqual(partOf(state, stage));
  expect(stages.at(-1)?.after.get(POLICY_REF)).toBe(oid(2));
});

/** A log in which the snapshot of one event is erased in another. */
function erasing(events: LoggedEvent[], { of, at }: { of: number; at: number }): LoggedEvent[] {
  const taken = events[of]?.event;
  const replaced = events[at];
  if (taken?.type !== 'snapshot' || replaced === undefined) throw new Error('no such events');
  const erase = { ...base, type: 'erase' as const, action: 'erase' as const, seq: replaced.event.seq, set: taken.set };
  const event = { ...erase, snapshots: [taken.snapshot], reason: 'leaked', paths: [] } as unknown as AuditEvent;
  return events.with(at, { ...replaced, event });
}

test('no push tells of what was erased later and is gone here', () => {
  const [largest] = stagesOf(stateOf(logOf(5000)));
  const end = largest?.sentEvents ?? 0;
  // Without the erasure in mind, the first push would end between the two.
  const state = stateOf(erasing(logOf(5000), { of: end - 10, at: end + 10 }));
  const stages = stagesOf(state);
  expect(stages[0]?.sentEvents).toBe(end - 10);
  for (const stage of stages) expect(stage.after).toEqual(partOf(state, stage));
});

test('where every part of the log tells of what is gone, it is left out', () => {
  const state = stateOf(erasing(logOf(5000), { of: 1, at: 5000 }));
  const gone = state.events[1]?.event;
  const name = gone?.type === 'snapshot' ? snapshotRef(gone.set, gone.snapshot.id) : '';
  const stages = stagesOf(state);
  for (const stage of stages) {
    const part = partOf(state, stage);
    part.delete(name);
    expect(stage.after).toEqual(part);
  }
});
