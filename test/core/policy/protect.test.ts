import { describe, expect, test } from 'vitest';
import { policyFaults } from '../../../src/core/policy/policy.ts';
import { Protection } from '../../../src/core/policy/protect-schema.ts';
import type { Policy } from '../../../src/core/policy/schema.ts';

const good = { refs: ['refs/heads/main'], set: 'artifacts', equals: 'verified' } as const;

function faultsOf(protect: NonNullable<Policy['protect']>): string[] {
  const policy = {
    sets: { artifacts: { path: 'artifacts', exclude: [] } },
    environments: { production: {} },
    people: {},
    keys: {},
    roles: { root: { people: [], threshold: 0 } },
    protect,
  } as unknown as Policy;
  return policyFaults(policy);
}

describe('a rule for other refs', () => {
  test.each([
    [good],
    [{ ...good, refs: ['refs/heads/release/**', 'refs/tags/v*'] }],
    [{ ...good, equals: 'live', environment: 'production', allowDelete: true }],
  ])('may be %j', (rule) => {
    expect(Protection.safeParse(rule).success).toBe(true);
    expect(faultsOf({ rule: Protection.parse(rule) })).toEqual([]);
  });

  test.each([
    [{ ...good, refs: [] }],
    [{ ...good, refs: ['main'] }],
    [{ ...good, refs: ['refs/heads/../main'] }],
    [{ ...good, refs: ['refs//main'] }],
    [{ ...good, equals: 'anything' }],
    [{ ...good, alowDelete: true }],
    [{ refs: good.refs, equals: good.equals }],
  ])('may not be %j', (rule) => {
    expect(Protection.safeParse(rule).success).toBe(false);
  });

  test('names what there is, and the environment where it needs one', () => {
    expect(
      faultsOf({
        a: { refs: ['refs/heads/main'], set: 'models', equals: 'verified', environment: 'production' },
        b: { refs: ['refs/heads/main'], set: 'artifacts', equals: 'live' },
        c: { refs: ['refs/heads/main'], set: 'artifacts', equals: 'live', environment: 'nowhere' },
      }),
    ).toEqual([
      "protect.a.set: there is no set 'models'",
      "protect.a.environment: means nothing for 'verified'",
      "protect.b.environment: is missing, and 'live' needs it",
      "protect.c.environment: there is no environment 'nowhere'",
    ]);
  });
});
