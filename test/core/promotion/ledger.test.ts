import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LedgerHistory } from '../../../src/core/audit/ledger-history.ts';
import type { KeyId } from '../../../src/core/signing.ts';
import { fuzzRuns } from '../arbitraries.ts';
import { ENVIRONMENTS, GrowingLog, SETS, type Step, tagOf } from './growing-log.ts';
import { KEYS, keyOf, PEOPLE, type Placed, type Rules } from './ledger-model.ts';

const set = fc.constantFrom(...SETS);
const key = fc.constantFrom(...KEYS);
const rules: fc.Arbitrary<Rules> = fc.record({
  count: fc.integer({ min: 0, max: 3 }),
  rollbacks: fc.integer({ min: 0, max: 1 }),
  excludeAuthor: fc.boolean(),
  excludePromoter: fc.boolean(),
  rejections: fc.constantFrom('block', 'outvote'),
  approvers: fc.subarray([...PEOPLE], { minLength: 1 }),
  holds: fc.boolean(),
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
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('resume'),
      set,
      environment: fc.constantFrom('production', 'production', 'production', 'staging'),
      key,
      off: fc.nat(8),
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

  test('it is so where environments go back, and are on hold after that', () => {
    const back = fc.record({
      kind: fc.constant('promotion' as const),
      set: fc.constant('artifacts'),
      environment: fc.constant('production'),
      key,
      pick: fc.nat(3),
      action: fc.constant('rollback' as const),
    });
    const many = fc.array(
      fc.oneof(
        { weight: 9, arbitrary: deed },
        { weight: 3, arbitrary: back },
        { weight: 1, arbitrary: change },
        { weight: 1, arbitrary: revoke },
      ),
      { minLength: 10, maxLength: 50 },
    );
    const seen = { held: 0, resumed: 0 };
    fc.assert(
      fc.property(rules, many, (first, steps) => {
        const log = new GrowingLog({ ...first, count: 0, rollbacks: 0 });
        for (const person of ['ann', 'ben', 'cy']) {
          const snapshot = log.take('artifacts', keyOf(person));
          for (const environment of ENVIRONMENTS) log.promote(environment, keyOf('dan'), snapshot);
        }
        log.change(first, {});
        for (const step of steps) log.do(step);
        log.expectModel();
        if (log.held('production') !== undefined) seen.held += 1;
        if (log.placed.some(({ event }) => event.type === 'resume')) seen.resumed += 1;
      }),
      fuzzRuns(400),
    );
    expect(seen.held).toBeGreaterThan(0);
    expect(seen.resumed).toBeGreaterThan(0);
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
            for (const { event, effective, opinions } of log.history.promotions.promotions(set, environment)) {
              if (log.isVoid(event)) expect(effective).toBeUndefined();
              for (const opinion of opinions) expect(log.isVoid(opinion.event)).toBe(false);
            }
          }
        }
        // Read from the beginning by somebody who knows of all revocations.
        const again = new LedgerHistory();
        for (const [i, { event, version }] of log.placed.entries()) {
          expect(again.promotions.fault(event, version.policy)).toBeUndefined();
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
          expect(mixed.promotions.fault(next.event, next.version.policy)).toBeUndefined();
          mixed.accept(next.event, tagOf(`e${next.event.seq}`), next.version);
        }
        for (const name of SETS)
          for (const environment of ENVIRONMENTS)
            expect(mixed.promotions.live(name, environment)?.event.number).toBe(log.live(environment, name));
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
