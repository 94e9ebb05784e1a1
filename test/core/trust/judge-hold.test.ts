import { expect, test } from 'vitest';
import type { AuditEvent } from '../../../src/core/audit/event.ts';
import type { Oid } from '../../../src/core/oid.ts';
import type { HoldTag } from '../../../src/core/retention/hold-tag.ts';
import type { KeyId, Verification } from '../../../src/core/signing.ts';
import { judgeHold } from '../../../src/core/trust/judge-hold.ts';

const digits = (digit: string) => digit.repeat(64);
const KEY = `openpgp:${'A'.repeat(40)}` as KeyId;
const OTHER = `openpgp:${'B'.repeat(40)}` as KeyId;
const ID = '20261122T143000Z-0123456789ab';
const good: Verification = { status: 'good', key: KEY } as Verification;

const event: AuditEvent & { type: 'hold' } = {
  type: 'hold',
  format: 1,
  seq: 7,
  at: '2026-11-22T15:00:00Z',
  repository: digits('0'),
  actor: 'ada',
  key: KEY,
  policy: { version: 2, digest: `sha256:${digits('1')}` },
  set: 'artifacts',
  case: 'audit',
  snapshot: { id: ID, tag: 'a'.repeat(40) as Oid, payload: `sha256:${digits('2')}` },
  tag: 'b'.repeat(40) as Oid,
  payload: `sha256:${digits('3')}`,
  until: '2027-03-31T00:00:00Z',
  reason: 'Asked for',
};
const hold: HoldTag = {
  set: 'artifacts',
  id: ID,
  case: 'audit',
  object: event.snapshot.tag,
  tagger: { name: 'Ada', email: 'ada@example.org', atSec: 1 },
  subject: 'Asked for',
  body: undefined,
  repository: event.repository,
  snapshot: digits('2'),
  until: event.until,
  policy: { version: 2, digest: digits('1') },
  audit: 'c'.repeat(40) as Oid,
};

function failed(change: Partial<HoldTag>, more: { payload?: string; verification?: Verification } = {}): string[] {
  const { payload = event.payload, verification = good } = more;
  const checks = judgeHold({
    tag: { hold: { ...hold, ...change }, payload: '', armor: '' },
    payload,
    event,
    verification,
  });
  return checks.filter(({ ok }) => !ok).map(({ check }) => check);
}

test('a tag that says what its event says is good', () => {
  expect(failed({})).toEqual([]);
});

test.each<[check: string, change: Partial<HoldTag>]>([
  ['ref', { set: 'models' }],
  ['ref', { id: ID.replace('0123', '3210') }],
  ['ref', { case: 'other' }],
  ['object', { object: 'd'.repeat(40) as Oid }],
  ['snapshot', { snapshot: digits('9') }],
  ['repository', { repository: digits('9') }],
  ['until', { until: undefined }],
  ['until', { until: '2028-03-31T00:00:00Z' }],
  ['policy', { policy: { version: 3, digest: digits('1') } }],
  ['policy', { policy: { version: 2, digest: digits('9') } }],
])('a tag that says something else fails: %s', (check, change) => {
  expect(failed(change)).toEqual([check]);
});

test('other bytes and other signers fail', () => {
  expect(failed({}, { payload: `sha256:${digits('9')}` })).toEqual(['payload']);
  for (const verification of [
    { status: 'good', key: OTHER },
    { status: 'bad', reason: 'x' },
    { status: 'unknown-key', keyId: 'x' },
  ] as Verification[])
    expect(failed({}, { verification })).toEqual(['signature']);
});
