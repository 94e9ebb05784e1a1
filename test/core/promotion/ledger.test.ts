import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AuditEvent, EventReport } from '../../../src/core/audit/event.ts';
import { voidReason } from '../../../src/core/audit/judge-event.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { PolicyTimeline, type PolicyVersion } from '../../../src/core/policy/timeline.ts';
import { LedgerHistory } from '../../../src/core/promotion/ledger-history.ts';
import type { KeyId } from '../../../src/core/signing.ts';
import { fuzzRuns } from '../arbitraries.ts';
import { KEYS, keyOf, liveSlowly, ownerOf, PEOPLE, type Placed, type Rules, versionOf } from './ledger-model.ts';

const digest = (text: string) => `sha256:${Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64)}`;
const tagOf = (text: string) => Buffer.from(text).toString('hex').padEnd(40, '0').slice(0, 40) as Oid;
const SETS = ['artifacts', 'models'] as const;
const ENVIRONMENTS = ['staging', 'production'] as const;

const RULES: Rules = {
  count: 2,
  rollbacks: 0,
  excludeAuthor: true,
  excludePromoter: true,
  rejections: 'block',
  approvers: PEOPLE,
};

type Step =
  | { readonly kind: 'snapshot'; readonly set: string; readonly key: KeyId }
  | {
      readonly kind: 'promotion';
      readonly set: string;
      readonly environment: string;
      readonly key: KeyId;
      readonly pick: number;
      readonly action: 'promote' | 'rollback';
    }
  | {
      readonly kind: 'approval';
      readonly set: string;
      readonly environment: string;
      readonly key: KeyId;
      readonly pick: number;
      readonly decision: 'approve' | 'reject' | 'withdraw';
      readonly off: number;
    }
  | { readonly kind: 'rules'; readonly rules: Rules }
  | { readonly kind: 'revoke'; readonly key: KeyId; readonly back: number };

/** A log as it grows: whatever the ledger finds fault with stays out. */
class GrowingLog {
  readonly placed: Placed[] = [];
  readonly history = new LedgerHistory();
  readonly versions: PolicyVersion[] = [];
  readonly snapshots: { set: string; id: string; tag: Oid; payload: string }[] = [];
  refused = 0;
  #rules: Rules;

  constructor(rules: Rules) {
    this.#rules = rules;
    this.change(rules, {});
  }

  get seq(): number {
    return this.placed.length + 1;
  }

  get version(): PolicyVersion {
    return this.versions.at(-1) as PolicyVersion;
  }

  change(rules: Rules, revoked: NonNullable<PolicyVersion['policy']['revoked']>): void {
    this.versions.push(versionOf(this.versions.length + 1, rules, revoked));
    this.#rules = rules;
    this.add(keyOf('ben'), { type: 'policy', commit: this.version.commit });
  }

  add(key: KeyId, report: EventReport): boolean {
    const event = {
      ...report,
      format: 1,
      seq: this.seq,
      at: '2026-11-22T12:00:00Z',
      repository: '0'.repeat(64),
      actor: ownerOf(key),
      key,
      policy: { version: this.version.policy.version, digest: this.version.digest },
    } as AuditEvent;
    if (this.history.ledger.fault(event, this.version.policy) !== undefined) {
      this.refused += 1;
      return false;
    }
    this.history.accept(event, tagOf(`e${this.seq}`), this.version);
    this.placed.push({ event, rules: this.#rules, version: this.version });
    return true;
  }

  take(set: string, key: KeyId) {
    const n = this.snapshots.length;
    const name = {
      id: `20261122T1200${String(n % 60).padStart(2, '0')}Z-0123456789ab`,
      tag: tagOf(`t${n}`),
      payload: digest(`p${n}`),
    };
    this.add(key, { type: 'snapshot', set, snapshot: name, manifest: digest('m'), subject: 'x', kinds: [] });
    this.snapshots.push({ set, ...name });
    return name;
  }

  promote(
    environment: string,
    key: KeyId,
    snapshot: { id: string; tag: Oid; payload: string },
    how: { set?: string; action?: 'promote' | 'rollback'; breakGlass?: boolean; number?: number } = {},
  ) {
    const { set = 'artifacts', action = 'promote', breakGlass = false } = how;
    const { id, tag, payload } = snapshot;
    const number = how.number ?? this.history.ledger.promotions(set, environment).length + 1;
    return this.add(key, {
      type: 'promotion',
      set,
      environment,
      number,
      action,
      tag: tagOf(`${set}${environment}${number}`),
      payload: digest(`${set}${environment}${number}`),
      snapshot: { id, tag, payload },
      gates: [],
      ...(breakGlass ? { breakGlass: true as const } : {}),
      reason: 'why',
    });
  }

  say(
    decision: 'approve' | 'reject' | 'withdraw',
    key: KeyId,
    number: number,
    how: { set?: string; environment?: string; of?: number } = {},
  ) {
    const { set = 'artifacts', environment = 'production', of = number } = how;
    return this.add(key, {
      type: 'approval',
      set,
      environment,
      number,
      decision,
      tag: tagOf(`a${this.seq}`),
      payload: digest(`a${this.seq}`),
      promotion: digest(`${set}${environment}${of}`),
    });
  }

  live(environment: string, set = 'artifacts'): number | undefined {
    return this.history.ledger.live(set, environment)?.event.number;
  }

  do(step: Step): void {
    if ('key' in step && !PEOPLE.some((person) => this.version.policy.people[person]?.keys.includes(step.key))) return;
    if (step.kind === 'snapshot') this.take(step.set, step.key);
    else if (step.kind === 'rules') this.change(step.rules, this.version.policy.revoked ?? {});
    else if (step.kind === 'revoke') {
      const since = Math.max(1, this.seq - step.back);
      this.change(this.#rules, { ...this.version.policy.revoked, [step.key]: { reason: 'compromised', since } });
    } else if (step.kind === 'promotion') {
      const own = this.snapshots.filter(({ set }) => set === step.set);
      const before = this.history.ledger.live(step.set, 'staging')?.event.snapshot;
      const former = this.history.ledger.formerlyLive(step.set, step.environment);
      const chosen =
        step.action === 'rollback'
          ? former[step.pick % Math.max(1, former.length)]?.event.snapshot
          : step.environment === 'production' && step.pick % 4 > 0
            ? before
            : own[step.pick % Math.max(1, own.length)];
      if (chosen !== undefined) this.promote(step.environment, step.key, chosen, step);
    } else {
      const count = this.history.ledger.promotions(step.set, step.environment).length;
      // The newest ones, and now and then one that is not there, or the words for another.
      const number = count - (step.pick % 3) + (step.off === 1 ? 1 : 0);
      this.say(step.decision, step.key, number, { ...step, of: step.off === 2 ? number + 1 : number });
    }
  }

  /** What every event comes to by the latest revocations. */
  isVoid = (event: AuditEvent): boolean => voidReason(event, new PolicyTimeline(this.versions)) !== undefined;

  expectModel(): void {
    for (const set of SETS)
      for (const environment of ENVIRONMENTS)
        expect(this.live(environment, set)).toBe(liveSlowly(this.placed, { set, environment }, this.isVoid));
  }
}

const set = fc.constantFrom(...SETS);
const key = fc.constantFrom(...KEYS);
const rules: fc.Arbitrary<Rules> = fc.record({
  count: fc.integer({ min: 0, max: 3 }),
  rollbacks: fc.integer({ min: 0, max: 1 }),
  excludeAuthor: fc.boolean(),
  excludePromoter: fc.boolean(),
  rejections: fc.constantFrom('block', 'outvote'),
  approvers: fc.subarray([...PEOPLE], { minLength: 1 }),
});
const deed: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('snapshot'), set, key }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('promotion'),
      set,
      environment: fc.constantFrom(...ENVIRONMENTS),
      key,
      pick: fc.nat(7),
      action: fc.constantFrom('promote', 'promote', 'promote', 'rollback'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('approval'),
      set,
      environment: fc.constantFrom('production', 'production', 'staging'),
      key,
      pick: fc.constantFrom(0, 0, 0, 1, 2),
      decision: fc.constantFrom('approve', 'approve', 'approve', 'reject', 'withdraw'),
      off: fc.nat(20),
    }),
  },
);
const change: fc.Arbitrary<Step> = fc.record({ kind: fc.constant('rules'), rules });
const revoke: fc.Arbitrary<Step> = fc.record({ kind: fc.constant('revoke'), key, back: fc.nat(20) });

function grow(first: Rules, steps: readonly Step[]): GrowingLog {
  const log = new GrowingLog(first);
  for (const step of steps) log.do(step);
  return log;
}

describe('whatever happens', () => {
  test('live is what counting the words of people comes to', () => {
    let live = 0;
    fc.assert(
      fc.property(rules, fc.array(deed, { minLength: 10, maxLength: 60 }), (first, steps) => {
        const log = grow(first, steps);
        log.expectModel();
        if (log.live('production') !== undefined) live += 1;
      }),
      fuzzRuns(400),
    );
    // Else it proves nothing.
    expect(live).toBeGreaterThan(0);
  });

  test('it is so where the policy changes meanwhile', () => {
    const steps = fc.array(fc.oneof({ weight: 8, arbitrary: deed }, { weight: 1, arbitrary: change }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(rules, steps, (first, all) => grow(first, all).expectModel()),
      fuzzRuns(400),
    );
  });

  test('what a revoked key did never counts, and makes nothing a fault that others did', () => {
    const any = fc.oneof(
      { weight: 10, arbitrary: deed },
      { weight: 1, arbitrary: revoke },
      { weight: 1, arbitrary: change },
    );
    fc.assert(
      fc.property(rules, fc.array(any, { minLength: 20, maxLength: 60 }), (first, steps) => {
        const log = grow(first, steps);
        log.expectModel();
        for (const set of SETS) {
          for (const environment of ENVIRONMENTS) {
            for (const { event, effective, opinions } of log.history.ledger.promotions(set, environment)) {
              if (log.isVoid(event)) expect(effective).toBeUndefined();
              for (const opinion of opinions) expect(log.isVoid(opinion.event)).toBe(false);
            }
          }
        }
        // Read from the beginning by somebody who knows of all revocations.
        const again = new LedgerHistory();
        for (const [i, { event, version }] of log.placed.entries()) {
          expect(again.ledger.fault(event, version.policy)).toBeUndefined();
          again.accept(event, tagOf(`e${i + 1}`), version);
        }
      }),
      fuzzRuns(300),
    );
  });

  test('what happens to one set does not touch another, in whatever order it comes', () => {
    const steps = fc.array(deed, { minLength: 10, maxLength: 50 });
    fc.assert(
      fc.property(rules, steps, fc.infiniteStream(fc.boolean()), (first, all, coin) => {
        const log = grow(first, all);
        const lines = SETS.map((name) => log.placed.filter(({ event }) => 'set' in event && event.set === name));
        const mixed = new LedgerHistory();
        const [a = [], b = []] = lines.map((line) => [...line]);
        while (a.length + b.length > 0) {
          const line = b.length === 0 || (a.length > 0 && coin.next().value) ? a : b;
          const [next] = line.splice(0, 1) as [Placed];
          expect(mixed.ledger.fault(next.event, next.version.policy)).toBeUndefined();
          mixed.accept(next.event, tagOf(`e${next.event.seq}`), next.version);
        }
        for (const name of SETS)
          for (const environment of ENVIRONMENTS)
            expect(mixed.ledger.live(name, environment)?.event.number).toBe(log.live(environment, name));
      }),
      fuzzRuns(200),
    );
  });

  test('approvals of different people may come in any order', () => {
    const approvals = fc.shuffledSubarray([...KEYS]);
    fc.assert(
      fc.property(approvals, approvals, rules, (keys, others, of) => {
        const liveAfter = (order: readonly KeyId[]) => {
          const log = new GrowingLog(of);
          const snapshot = log.take('artifacts', keyOf('dan'));
          log.promote('staging', keyOf('cy'), snapshot);
          log.promote('production', keyOf('cy'), snapshot);
          for (const one of order) log.say('approve', one, 1);
          return log.live('production');
        };
        const rank = (one: KeyId) => others.indexOf(one);
        expect(liveAfter(keys)).toBe(liveAfter(keys.toSorted((x, y) => rank(x) - rank(y))));
      }),
      fuzzRuns(100),
    );
  });
});

/** A snapshot by dan, live in staging, and put up for production by cy. */
function waiting(of: Partial<Rules> = {}) {
  const log = new GrowingLog({ ...RULES, ...of });
  const snapshot = log.take('artifacts', keyOf('dan'));
  log.promote('staging', keyOf('cy'), snapshot);
  expect(log.promote('production', keyOf('cy'), snapshot)).toBe(true);
  return { log, snapshot };
}

describe('who counts', () => {
  test('two keys of one person are one person', () => {
    const { log } = waiting();
    log.say('approve', keyOf('ann', 1), 1);
    log.say('approve', keyOf('ann', 2), 1);
    expect(log.live('production')).toBeUndefined();
    log.say('approve', keyOf('ben'), 1);
    expect(log.live('production')).toBe(1);
  });

  test.each([
    ['author', 'dan', 'excludeAuthor'],
    ['promoter', 'cy', 'excludePromoter'],
  ] as const)('the %s does not, unless the policy says so', (_, person, field) => {
    for (const excluded of [true, false]) {
      const { log } = waiting({ [field]: excluded });
      log.say('approve', keyOf(person), 1);
      log.say('approve', keyOf('ben'), 1);
      expect(log.live('production')).toBe(excluded ? undefined : 1);
    }
  });

  test('the author does not under another name either', () => {
    const { log } = waiting({ count: 1, excludePromoter: false });
    const { policy } = log.version;
    const people = {
      ...policy.people,
      daniel: policy.people['dan'] ?? { name: 'Dan', keys: [] },
      dan: { name: 'Dan', keys: [] },
    };
    const approver = { people: ['daniel'], threshold: 1 };
    const renamed = { ...policy, people, roles: { ...policy.roles, approver } };
    const { event } = log.placed.at(-1) as Placed;
    if (event.type !== 'promotion') throw new Error('the promotion was last');
    const said = {
      ...event,
      type: 'approval',
      actor: 'daniel',
      key: keyOf('dan'),
      decision: 'approve',
      seq: 5,
      promotion: event.payload,
    } as unknown as AuditEvent;
    log.history.ledger.enter(said, tagOf('x'), renamed);
    expect(log.live('production')).toBeUndefined();
  });

  test('a rejection blocks until it is taken back', () => {
    const { log } = waiting();
    log.say('reject', keyOf('dan'), 1);
    log.say('approve', keyOf('ann'), 1);
    log.say('approve', keyOf('ben'), 1);
    expect(log.live('production')).toBeUndefined();
    log.say('withdraw', keyOf('dan'), 1);
    expect(log.live('production')).toBe(1);
  });

  test('where the policy says so, it is outvoted', () => {
    const { log } = waiting({ rejections: 'outvote' });
    log.say('reject', keyOf('dan'), 1);
    log.say('approve', keyOf('ann'), 1);
    expect(log.live('production')).toBeUndefined();
    log.say('approve', keyOf('ben'), 1);
    expect(log.live('production')).toBe(1);
  });

  test('an approval that was withdrawn does not', () => {
    const { log } = waiting();
    log.say('approve', keyOf('ann'), 1);
    log.say('withdraw', keyOf('ann', 2), 1);
    log.say('approve', keyOf('ben'), 1);
    expect(log.live('production')).toBeUndefined();
    expect(log.say('withdraw', keyOf('ann'), 1)).toBe(false);
  });

  test('what is live stays live, whatever is said of it later', () => {
    const { log } = waiting({ count: 1 });
    log.say('approve', keyOf('ann'), 1);
    log.say('reject', keyOf('ben'), 1);
    log.say('withdraw', keyOf('ann'), 1);
    expect(log.live('production')).toBe(1);
  });
});

describe('where the policy changes while a promotion waits', () => {
  test('a threshold that was raised must be met', () => {
    const { log } = waiting();
    log.say('approve', keyOf('ann'), 1);
    log.change({ ...RULES, count: 3, excludeAuthor: false, excludePromoter: false }, {});
    log.say('approve', keyOf('ben'), 1);
    expect(log.live('production')).toBeUndefined();
    log.say('approve', keyOf('cy'), 1);
    expect(log.live('production')).toBe(1);
  });

  test('one that was lowered is met by the next word', () => {
    const { log } = waiting();
    log.say('approve', keyOf('ann'), 1);
    log.change({ ...RULES, count: 1 }, {});
    expect(log.live('production')).toBeUndefined();
    log.say('approve', keyOf('ann'), 1);
    expect(log.live('production')).toBe(1);
  });

  test('whoever has lost the role does not count, and does not block', () => {
    const { log } = waiting();
    log.say('approve', keyOf('ann'), 1);
    log.say('reject', keyOf('dan'), 1);
    log.change({ ...RULES, approvers: ['ben', 'cy'] }, {});
    log.say('approve', keyOf('ben'), 1);
    expect(log.live('production')).toBeUndefined();
    log.change({ ...RULES, count: 1, approvers: ['ben'] }, {});
    log.say('approve', keyOf('ben'), 1);
    expect(log.live('production')).toBe(1);
  });
});

describe('what may not stand', () => {
  test('a number that was had, or that is not the next', () => {
    const { log, snapshot } = waiting();
    expect(log.promote('staging', keyOf('cy'), snapshot, { number: 1 })).toBe(false);
    expect(log.promote('staging', keyOf('cy'), snapshot, { number: 3 })).toBe(false);
    expect(log.promote('staging', keyOf('cy'), snapshot, { number: 2 })).toBe(true);
  });

  test('the payload of one snapshot with the tag, the id or the set of another', () => {
    const { log, snapshot } = waiting();
    const other = log.take('artifacts', keyOf('dan'));
    expect(log.promote('staging', keyOf('cy'), { ...snapshot, tag: other.tag })).toBe(false);
    expect(log.promote('staging', keyOf('cy'), { ...snapshot, id: other.id })).toBe(false);
    expect(log.promote('staging', keyOf('cy'), snapshot, { set: 'models' })).toBe(false);
    expect(log.promote('staging', keyOf('cy'), other)).toBe(true);
  });

  test('an approval of another promotion, or of none', () => {
    const { log, snapshot } = waiting();
    log.promote('production', keyOf('cy'), snapshot);
    expect(log.say('approve', keyOf('ann'), 2, { of: 1 })).toBe(false);
    expect(log.say('approve', keyOf('ann'), 3)).toBe(false);
    expect(log.say('approve', keyOf('ann'), 1, { environment: 'staging', of: 2 })).toBe(false);
    expect(log.say('approve', keyOf('ann'), 2)).toBe(true);
  });

  test('what is not live in the environment before', () => {
    const { log, snapshot } = waiting();
    const newer = log.take('artifacts', keyOf('dan'));
    expect(log.promote('production', keyOf('cy'), newer)).toBe(false);
    log.promote('staging', keyOf('cy'), newer);
    expect(log.promote('production', keyOf('cy'), snapshot)).toBe(false);
    expect(log.promote('production', keyOf('cy'), newer)).toBe(true);
  });

  test('going past the rules where the policy does not allow it, and going back to what never was live', () => {
    const { log, snapshot } = waiting();
    expect(log.promote('production', keyOf('cy'), snapshot, { breakGlass: true })).toBe(false);
    expect(log.promote('production', keyOf('cy'), snapshot, { action: 'rollback' })).toBe(false);
  });
});

test('one that gets its approvals after a later one is live has never been live', () => {
  const { log, snapshot } = waiting({ count: 1 });
  const newer = log.take('artifacts', keyOf('dan'));
  log.promote('staging', keyOf('cy'), newer);
  log.promote('production', keyOf('cy'), newer);
  log.say('approve', keyOf('ann'), 2);
  log.say('approve', keyOf('ann'), 1);
  expect(log.live('production')).toBe(2);
  expect(log.history.ledger.formerlyLive('artifacts', 'production')).toEqual([]);
  expect(log.promote('production', keyOf('cy'), snapshot, { action: 'rollback' })).toBe(false);
});
