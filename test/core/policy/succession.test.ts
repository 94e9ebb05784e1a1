import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, type Json } from '../../../src/core/canonical-json.ts';
import { diffPolicies } from '../../../src/core/policy/diff.ts';
import { hasRole, holdersOf, keysOf, personOf, rootPeople } from '../../../src/core/policy/roles.ts';
import type { Policy } from '../../../src/core/policy/schema.ts';
import { ROLES } from '../../../src/core/policy/schema.ts';
import { countSignatures, isSigned, successionFaults } from '../../../src/core/policy/succession.ts';
import { PolicyTimeline } from '../../../src/core/policy/timeline.ts';
import type { KeyId } from '../../../src/core/signing.ts';
import { fuzzRuns } from '../arbitraries.ts';
import { KEYS, policy } from './arbitrary-policy.ts';

const signers = fc.array(fc.constantFrom(...KEYS), { maxLength: 8 });

/** What the rule says, counted in the plainest way. */
function rootsWhoSigned(by: Policy, keys: readonly KeyId[]): number {
  return by.roles.root.people.filter((name) => by.people[name]?.keys.some((key) => keys.includes(key))).length;
}

describe('a version of the policy', () => {
  test('never follows without the thresholds of both', () => {
    fc.assert(
      fc.property(policy, policy, signers, (former, next, keys) => {
        expect(isSigned(countSignatures(former, next, keys))).toBe(
          rootsWhoSigned(former, keys) >= former.roles.root.threshold &&
            rootsWhoSigned(next, keys) >= next.roles.root.threshold,
        );
        expect(isSigned(countSignatures(undefined, next, keys))).toBe(
          rootsWhoSigned(next, keys) >= next.roles.root.threshold,
        );
      }),
      fuzzRuns(500),
    );
  });

  test('needs people, not keys, and the order and number of signatures do not matter', () => {
    fc.assert(
      fc.property(policy, policy, signers, (former, next, keys) => {
        const counts = countSignatures(former, next, keys);
        expect(countSignatures(former, next, [...keys].reverse())).toEqual(counts);
        expect(countSignatures(former, next, [...keys, ...keys])).toEqual(counts);
        const everyKeyOfTheirs = keys.flatMap((key) => {
          const person = personOf(next, key);
          return person === undefined ? [key] : (next.people[person]?.keys ?? []);
        });
        expect(countSignatures(undefined, next, [...keys, ...everyKeyOfTheirs])).toEqual(
          countSignatures(undefined, next, keys),
        );
        for (const { signed, others } of counts) expect(signed.filter((name) => others.includes(name))).toEqual([]);
      }),
      fuzzRuns(500),
    );
  });

  test('has the next number and the same repository, and keeps every revocation', () => {
    fc.assert(
      fc.property(policy, policy, (former, next) => {
        if (successionFaults(former, next).length > 0) return;
        expect([next.version, next.repository]).toEqual([former.version + 1, former.repository]);
        const [before, after] = [former, next].map(
          (one) => new PolicyTimeline([{ policy: one, digest: '', commit: '' as never }]),
        );
        for (const key of KEYS)
          for (let seq = 1; seq < 12; seq++)
            if (before?.revocation(key, seq) !== undefined) expect(after?.revocation(key, seq)).toBeDefined();
      }),
      fuzzRuns(500),
    );
  });
});

test('a role is had by those whom the set names, else by those whom the policy names, else by nobody', () => {
  fc.assert(
    fc.property(policy, fc.constantFrom(...ROLES), fc.constantFrom(...KEYS), (some, role, key) => {
      const ofSet = role === 'root' ? undefined : some.sets['artifacts']?.roles?.[role];
      const expected = (ofSet ?? some.roles[role])?.people ?? [];
      const scope = { set: 'artifacts' };
      expect(holdersOf(some, role, scope)).toEqual(expected);
      const person = personOf(some, key);
      expect(hasRole(some, key, role, scope)).toBe(person !== undefined && expected.includes(person));
      expect(keysOf(some, role, scope).includes(key)).toBe(hasRole(some, key, role, scope));
      expect(rootPeople(some, [key]).size).toBe(hasRole(some, key, 'root') ? 1 : 0);
    }),
    fuzzRuns(500),
  );
});

test('nobody has a role in a set by a name that every object has', () => {
  fc.assert(
    fc.property(policy, (some) => {
      for (const set of ['constructor', 'toString', '__proto__'])
        expect(holdersOf(some, 'snapshotter', { set })).toEqual(holdersOf(some, 'snapshotter'));
    }),
    fuzzRuns(50),
  );
});

describe('the difference of two policies', () => {
  /** Members that are empty say nothing. */
  const meaning = (some: Policy) => {
    const { revoked, sets, ...rest } = { ...some, version: 0 };
    const { roles, ...set } = sets['artifacts'] ?? {};
    const emptyIsNone = <T extends object>(value: T | undefined) =>
      Object.keys(value ?? {}).length === 0 ? null : value;
    return canonicalJson({
      ...rest,
      set,
      roles: rest.roles,
      ofSet: emptyIsNone(roles),
      revoked: emptyIsNone(revoked),
    } as unknown as Json);
  };

  test('is nothing exactly where they say the same', () => {
    fc.assert(
      fc.property(policy, policy, (before, after) => {
        expect(diffPolicies(before, { ...before, version: 9 })).toEqual([]);
        const mixed = { ...before, sets: after.sets };
        for (const other of [after, mixed])
          expect(diffPolicies(before, other).length === 0).toBe(meaning(before) === meaning(other));
      }),
      fuzzRuns(1000),
    );
  });

  test('tells lists apart', () => {
    const lists = fc.array(fc.constantFrom('', 'a', 'b', ', ', 'a, b', '"a"', '"'), { maxLength: 3 });
    fc.assert(
      fc.property(policy, lists, lists, (some, one, other) => {
        const excluding = (exclude: string[]) => ({ ...some, sets: { artifacts: { path: 'artifacts', exclude } } });
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(diffPolicies(excluding(one), excluding(other)).length === 0).toBe(isSame);
      }),
      fuzzRuns(500),
    );
  });

  test('is turned around with them', () => {
    fc.assert(
      fc.property(policy, policy, (before, after) => {
        const back = diffPolicies(after, before).map(({ path, before: a, after: b }) => ({
          path,
          before: b,
          after: a,
        }));
        expect(diffPolicies(before, after)).toEqual(back);
      }),
      fuzzRuns(300),
    );
  });
});
