import { beforeEach, expect, test } from 'vitest';
import type { AuditEvent, EventReport } from '../../../src/core/audit/event.ts';
import { LedgerHistory } from '../../../src/core/audit/ledger-history.ts';
import type { Oid } from '../../../src/core/oid.ts';
import type { PolicyVersion } from '../../../src/core/policy/timeline.ts';
import { usesOf } from '../../../src/core/retention/protections.ts';
import { keyOf, PEOPLE, versionOf } from '../promotion/ledger-model.ts';

const DAY_SEC = 86_400;
const SET = 'artifacts';
const digest = (text: string) => `sha256:${Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64)}`;
const nameOf = (text: string) => Buffer.from(text).toString('hex').padEnd(40, '0').slice(0, 40) as Oid;

/** `staging` asks for nothing, `production` for one approval; a grace period of two days. */
function policyOf(revoked: PolicyVersion['policy']['revoked'] = {}, number = 1): PolicyVersion {
  const rules = { count: 1, rollbacks: 0, excludeAuthor: false, excludePromoter: false, rejections: 'block' } as const;
  const version = versionOf(number, { ...rules, approvers: PEOPLE }, revoked);
  const pruner = { people: ['ann', 'ben'], threshold: 1 };
  const policy = {
    ...version.policy,
    environments: { staging: { rollback: { depth: 1 } }, production: { approvals: { count: 1 }, breakGlass: true } },
    retention: { grace: '2d' },
    roles: { ...version.policy.roles, pruner },
  } as PolicyVersion['policy'];
  return { ...version, policy };
}

let version: PolicyVersion;
let history: LedgerHistory;
let atSec: number;
let seq: number;

beforeEach(() => {
  version = policyOf();
  history = new LedgerHistory();
  atSec = Date.parse('2026-11-22T12:00:00Z') / 1000;
  seq = 0;
});

function eventOf(report: EventReport, { who = 'ann', ago = 0 } = {}): AuditEvent {
  return {
    ...report,
    format: 1,
    seq: seq + 1,
    at: new Date((atSec - ago) * 1000).toISOString().replace('.000Z', 'Z'),
    repository: '0'.repeat(64),
    actor: who,
    key: keyOf(who),
    policy: { version: version.policy.version, digest: version.digest },
  } as AuditEvent;
}

function enter(event: AuditEvent): void {
  seq += 1;
  history.accept(event, nameOf(`e${seq}`), version);
}

/** Enters an event, if nothing is against it. Gives what is. */
function say(report: EventReport, options?: { who?: string; ago?: number }): string | undefined {
  const event = eventOf(report, options);
  const fault = history.fault(event, version.policy);
  if (fault !== undefined) return `${fault.rule}: ${fault.detail}`;
  enter(event);
  return undefined;
}

interface Named {
  readonly id: string;
  readonly tag: Oid;
  readonly payload: string;
}

function take(n: number): Named {
  const snapshot = { id: `20261122T12000${n}Z-000000000000`, tag: nameOf(`t${n}`), payload: digest(`p${n}`) };
  expect(say({ type: 'snapshot', set: SET, snapshot, manifest: digest('m'), subject: 'x', kinds: [] })).toBe(undefined);
  return snapshot;
}

function promote(
  snapshot: Named,
  environment: string,
  { who = 'ann', ...rest }: { who?: string; action?: 'rollback'; breakGlass?: true } = {},
): string | undefined {
  const number = history.promotions.promotions(SET, environment).length + 1;
  const name = `${environment}${number}`;
  const what = { set: SET, environment, number, action: 'promote', snapshot } as const;
  const promotion = { ...what, tag: nameOf(name), payload: digest(name), gates: [], reason: 'x', ...rest };
  return say({ type: 'promotion', ...promotion }, { who });
}

function approve(number: number, decision: 'approve' | 'reject' | 'withdraw' = 'approve', who = 'ben') {
  const [name, word] = [`production${number}`, `${decision}${seq}`];
  const what = { set: SET, environment: 'production', number, promotion: digest(name), decision } as const;
  return say({ type: 'approval', ...what, tag: nameOf(word), payload: digest(word) }, { who });
}

function pruning({ removed = [], dropped = [] }: { removed?: Named[]; dropped?: Named[] }): EventReport {
  const rest = { tree: nameOf('tree'), manifest: digest('m'), rule: 'not kept' };
  const tombstones = removed.map((snapshot) => ({ ...snapshot, ...rest }));
  return { type: 'prune', set: SET, plan: digest('plan'), removed: tombstones, dropped };
}

const prune = (what: Parameters<typeof pruning>[0], ago = 0) => say(pruning(what), { ago });

test('what waits to go live is not pruned, and can be once it is overtaken', () => {
  const [a, b] = [take(1), take(2)];
  expect(promote(a, 'production')).toBe(undefined);
  expect(usesOf({ policy: version.policy, promotions: history.promotions }, SET)).toEqual(
    new Map([[a.id, { kind: 'waiting', detail: 'waits to go live in production' }]]),
  );
  expect(prune({ removed: [a] })).toBe(`pending: removes ${SET}/${a.id}, which waits to go live in production`);
  expect(promote(b, 'production')).toBe(undefined);
  expect(approve(2)).toBe(undefined);
  expect(prune({ removed: [a] })).toBe(undefined);
});

test.each(['approve', 'reject', 'withdraw'] as const)(
  'in the trash it takes no word more, to %s or else',
  (decision) => {
    const [a] = [take(1), take(2)];
    expect(promote(a, 'production')).toBe(undefined);
    expect(approve(1, 'reject', 'cy')).toBe(undefined);
    // As a log of before this rule may have it.
    enter(eventOf(pruning({ removed: [a] })));
    expect(approve(1, decision, 'cy')).toBe(`retention: is of a promotion of ${SET}/${a.id}, which is in the trash`);
    expect(say({ type: 'undelete', set: SET, snapshot: a })).toBe(undefined);
    expect(approve(1, 'withdraw', 'cy')).toBe(undefined);
    expect(approve(1)).toBe(undefined);
    expect(history.promotions.live(SET, 'production')?.event.snapshot.id).toBe(a.id);
  },
);

test('what a revocation makes live again is not dropped out of the trash', () => {
  const [a, b, c] = [take(1), take(2), take(3)];
  expect(promote(a, 'staging')).toBe(undefined);
  const since = seq + 1;
  for (const one of [b, c]) expect(promote(one, 'staging', { who: 'cy' })).toBe(undefined);
  expect(prune({ removed: [a] })).toBe(undefined);
  atSec += 3 * DAY_SEC;
  version = policyOf({ [keyOf('cy')]: { reason: 'compromised', since } } as never, 2);
  enter({ type: 'policy' } as AuditEvent);
  expect(history.promotions.live(SET, 'staging')?.event.snapshot.id).toBe(a.id);
  expect(prune({ dropped: [a] })).toBe(`live: drops ${SET}/${a.id}, which is live in staging`);
  expect(say({ type: 'undelete', set: SET, snapshot: a })).toBe(undefined);
});

test('a removal that is dated back has its whole grace period', () => {
  const [a] = [take(1), take(2)];
  expect(prune({ removed: [a] }, 30 * DAY_SEC)).toBe(undefined);
  const end = new Date((atSec + 2 * DAY_SEC) * 1000).toISOString().replace('.000Z', 'Z');
  expect(prune({ dropped: [a] })).toBe(`grace: drops ${SET}/${a.id}, whose grace period ends at ${end}`);
  atSec += 2 * DAY_SEC;
  expect(prune({ dropped: [a] })).toBe(undefined);
});

test('there is no rollback past the rules', () => {
  const a = take(1);
  expect(promote(a, 'production', { action: 'rollback' })).toMatch(/^rollback: /);
  expect(promote(a, 'production', { action: 'rollback', breakGlass: true })).toBe(
    'break-glass: is a rollback past the rules, and there is no such thing',
  );
  expect(promote(a, 'production', { breakGlass: true })).toBe(undefined);
});

test('a rejection stands when the policy calls whoever said it by another name', () => {
  const a = take(1);
  expect(promote(a, 'production')).toBe(undefined);
  expect(approve(1, 'reject', 'cy')).toBe(undefined);
  const { cy, ...people } = version.policy.people;
  const { approver } = version.policy.roles;
  const renamed = {
    ...version.policy,
    people: { ...people, cyril: cy },
    roles: { ...version.policy.roles, approver: { ...approver, people: ['ben', 'cyril'] } },
  } as PolicyVersion['policy'];
  version = { ...version, policy: renamed };
  expect(approve(1)).toBe(undefined);
  expect(history.promotions.live(SET, 'production')).toBe(undefined);
});
