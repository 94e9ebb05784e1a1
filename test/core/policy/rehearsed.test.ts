import { expect, test } from 'vitest';
import { policyFaults } from '../../../src/core/policy/policy.ts';
import type { Policy } from '../../../src/core/policy/schema.ts';

function faultsOf(asked: { set?: string[]; rollback?: string[]; environment?: string[] }): string[] {
  const { set, rollback, environment } = asked;
  return policyFaults({
    sets: {
      artifacts: {
        path: 'artifacts',
        exclude: [],
        ...(set === undefined ? {} : { gates: set }),
        ...(rollback === undefined ? {} : { rollback: { gates: rollback } }),
      },
    },
    environments: { production: environment === undefined ? {} : { gates: environment } },
    gates: { lately: { type: 'rehearsed' } },
    people: {},
    keys: {},
    roles: { root: { people: [], threshold: 0 } },
  } as unknown as Policy);
}

test('a promotion may ask for a rehearsal; taking a snapshot and rolling back may not', () => {
  expect(faultsOf({ environment: ['lately'] })).toEqual([]);
  expect(faultsOf({ set: ['lately'] })).toEqual([
    expect.stringMatching(/^sets\.artifacts\.gates: 'lately' is of type/),
  ]);
  expect(faultsOf({ rollback: ['lately'] })).toEqual([
    expect.stringMatching(/^sets\.artifacts\.rollback\.gates: 'lately' is of type/),
  ]);
});
