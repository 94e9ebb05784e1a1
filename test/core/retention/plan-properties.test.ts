import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Candidate, planRetention } from '../../../src/core/retention/plan.ts';
import { hasRule, rulesOfRetention, type WrittenRules } from '../../../src/core/retention/rules.ts';
import { fuzzRuns } from '../arbitraries.ts';
import { arbRules, arbSnapshots, NOW_SEC } from './arbitraries.ts';
import { naivePlan } from './naive-plan.ts';
import { kept } from './support.ts';

const planned = (snapshots: readonly Candidate[], rules: WrittenRules) =>
  planRetention({ snapshots, rules: rulesOfRetention(rules), nowSec: NOW_SEC });

const keptIds = (snapshots: readonly Candidate[], rules: WrittenRules) =>
  new Set(planned(snapshots, rules).keep.map(({ id }) => id));

it('keeps or removes each snapshot, once', () => {
  fc.assert(
    fc.property(arbSnapshots, arbRules, (snapshots, rules) => {
      const { keep, remove } = planned(snapshots, rules);
      expect([...keep, ...remove].map(({ id }) => id).sort()).toEqual(snapshots.map(({ id }) => id).sort());
      for (const { reasons, goes } of keep) expect([reasons.length > 0, goes.length]).toEqual([true, reasons.length]);
    }),
    fuzzRuns(150),
  );
});

it('keeps the newest by any count or duration', () => {
  fc.assert(
    fc.property(arbSnapshots, arbRules, (snapshots, { keepLabels: _, ...rules }) => {
      fc.pre(hasRule(rulesOfRetention(rules)) && snapshots.length > 0);
      const newest = snapshots.toSorted((a, b) => b.atSec - a.atSec || (a.id < b.id ? 1 : -1));
      const present = newest.filter(({ atSec }) => atSec <= NOW_SEC + 300);
      const ids = keptIds(snapshots, rules);
      expect([newest[0], present[0]].every((snapshot) => snapshot === undefined || ids.has(snapshot.id))).toBe(true);
    }),
    fuzzRuns(150),
  );
});

it('removes nothing of what it kept', () => {
  fc.assert(
    fc.property(arbSnapshots, arbRules, (snapshots, rules) => {
      const ids = keptIds(snapshots, rules);
      const left = snapshots.filter(({ id }) => ids.has(id));
      expect(planned(left, rules).remove).toEqual([]);
    }),
    fuzzRuns(250),
  );
});

const COUNTS = ['keepLast', 'keepHourly', 'keepDaily', 'keepWeekly', 'keepMonthly', 'keepYearly'] as const;

it('removes nothing that was kept where a count is raised or a rule is added', () => {
  fc.assert(
    fc.property(arbSnapshots, arbRules, arbRules, fc.constantFrom(...COUNTS), (snapshots, rules, more, raised) => {
      const before = keptIds(snapshots, rules);
      const count = rules[raised] ?? 0;
      const { timezone: _, ...added } = more;
      for (const wider of [
        { ...rules, [raised]: count === 'unlimited' ? count : count + 1 },
        { ...rules, [raised]: 'unlimited' as const },
        { ...added, ...rules, keepLabels: [...(rules.keepLabels ?? []), ...(more.keepLabels ?? [])] },
      ])
        expect([...before].filter((id) => !keptIds(snapshots, wider).has(id))).toEqual([]);
    }),
    fuzzRuns(150),
  );
});

it('does not depend on the order of its input, and leaves that as it is', () => {
  const shuffled = arbSnapshots.chain((snapshots) =>
    fc.tuple(fc.constant(snapshots), fc.shuffledSubarray(snapshots, { minLength: snapshots.length })),
  );
  fc.assert(
    fc.property(shuffled, arbRules, ([snapshots, other], rules) => {
      const before = structuredClone(other);
      expect(planned(other, rules)).toEqual(planned(snapshots, rules));
      expect(other).toEqual(before);
    }),
    fuzzRuns(150),
  );
});

it('keeps by rules what it would keep if nothing were protected', () => {
  fc.assert(
    fc.property(arbSnapshots, arbRules, (snapshots, rules) => {
      const bare = kept(
        planned(
          snapshots.map((snapshot) => ({ ...snapshot, protections: [] })),
          rules,
        ),
      );
      const withAll = kept(planned(snapshots, rules));
      for (const { id, protections } of snapshots) {
        const reasons = withAll[id] ?? [];
        expect(protections.every((protection) => reasons.includes(protection))).toBe(true);
        expect(reasons.filter((reason) => !protections.includes(reason))).toEqual(bare[id] ?? []);
      }
    }),
    fuzzRuns(150),
  );
});

it('does what the rules say, told in the simplest way', () => {
  const simple = arbRules.filter((rules) =>
    [
      rules.keepWithin,
      rules.keepWithinHourly,
      rules.keepWithinDaily,
      rules.keepWithinWeekly,
      rules.keepWithinMonthly,
      rules.keepWithinYearly,
    ].every((duration) => duration === undefined || /^[1-9]\d*[ymdh]$/.test(duration)),
  );
  fc.assert(
    fc.property(arbSnapshots, simple, (snapshots, rules) => {
      const result = planned(snapshots, rules);
      expect(new Map(Object.entries(kept(result)))).toEqual(
        new Map([...naivePlan(snapshots, rules, NOW_SEC)].sort(([a], [b]) => Number(a) - Number(b))),
      );
    }),
    fuzzRuns(150),
  );
});
