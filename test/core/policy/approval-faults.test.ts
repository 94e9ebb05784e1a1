import { expect, test } from 'vitest';
import { approvalFaults } from '../../../src/core/policy/approval-faults.ts';
import type { Policy } from '../../../src/core/policy/schema.ts';

type Rules = NonNullable<Policy['environments']>[string];

const one = (...people: string[]) => ({ people, threshold: 1 });

function faults(rules: Rules, roles: Partial<Policy['roles']>, sets: Policy['sets'] = {}): string[] {
  const key = 'openpgp:0' as const;
  return approvalFaults({
    format: 1,
    repository: '',
    version: 1,
    sets: { artifacts: { path: 'artifacts', exclude: [] }, ...sets },
    people: {
      ...Object.fromEntries(['ada', 'ben', 'cy'].map((name) => [name, { name, keys: [key] }])),
      gone: { name: 'Gone', keys: [] },
    },
    roles: { root: one('ada'), ...roles },
    keys: {},
    environments: { live: rules },
  });
}

const approvals = (count: number, more = {}) => ({ approvals: { count, ...more } });
const all = one('ada', 'ben', 'cy');

test.each<[string, number, object, Partial<Policy['roles']>]>([
  [
    'everybody does everything: one and the same takes and promotes it',
    2,
    {},
    { snapshotter: all, promoter: all, approver: all },
  ],
  ['two others', 1, {}, { snapshotter: one('ada'), promoter: one('ben'), approver: all }],
  ['nobody else', 0, {}, { snapshotter: one('ada'), promoter: one('ada'), approver: one('ada') }],
  [
    'an author who is no approver',
    2,
    {},
    { snapshotter: one('ada', 'cy'), promoter: one('cy'), approver: one('ada', 'ben') },
  ],
  ['who has no key', 1, {}, { snapshotter: one('cy'), promoter: one('cy'), approver: one('ada', 'gone') }],
  [
    'nobody is left out',
    3,
    { excludeAuthor: false, excludePromoter: false },
    { snapshotter: all, promoter: all, approver: all },
  ],
  [
    'only the author is',
    2,
    { excludePromoter: false },
    { snapshotter: one('ada'), promoter: one('ben'), approver: all },
  ],
])('%s: %i at most', (_, most, exclusions, roles) => {
  expect(faults(approvals(most, exclusions), roles)).toEqual([]);
  expect(faults(approvals(most + 1, exclusions), roles)).toEqual([
    expect.stringContaining(`environments.live.approvals.count: asks for ${most + 1}, and at most ${most} can approve`),
  ]);
});

test('the roles of the environment count, and those of sets; where nobody may promote, nothing does', () => {
  const roles = { snapshotter: one('ada'), promoter: one('ada'), approver: one('ada') };
  expect(faults({ ...approvals(2), roles: { approver: all } }, roles)).toEqual([]);
  const prompts = { path: 'prompts', exclude: [], roles: { approver: all } };
  expect(faults(approvals(2), roles, { prompts })).toEqual([]);
  expect(faults(approvals(9), { snapshotter: one('ada') })).toEqual([]);
});

test('a rollback is by a releaser', () => {
  const roles = { snapshotter: one('ada'), promoter: one('ada'), approver: one('ada', 'ben'), releaser: one('ben') };
  expect(faults({ rollback: { approvals: 1 } }, roles)).toEqual([
    'environments.live.rollback.approvals: asks for 1, and at most 0 can approve (not who took the snapshot, nor who promoted it)',
  ]);
});
