import { describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../../src/core/audit/event.ts';
import { GrowingLog, tagOf } from './growing-log.ts';
import { keyOf, PEOPLE, type Placed, type Rules } from './ledger-model.ts';

const RULES: Rules = {
  count: 2,
  rollbacks: 0,
  excludeAuthor: true,
  excludePromoter: true,
  rejections: 'block',
  approvers: PEOPLE,
};

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
    log.history.promotions.enter(said, tagOf('x'), renamed);
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

test('an approval by a key that has gone since does not count, until it is said again with another', () => {
  const { log } = waiting();
  log.say('approve', keyOf('ann'), 1);
  log.change(RULES, { [keyOf('ann')]: { reason: 'lost' as const, since: log.seq } });
  log.say('approve', keyOf('ben'), 1);
  expect(log.live('production')).toBeUndefined();
  log.say('approve', keyOf('ann', 2), 1);
  expect(log.live('production')).toBe(1);
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
  expect(log.history.promotions.formerlyLive('artifacts', 'production')).toEqual([]);
  expect(log.promote('production', keyOf('cy'), snapshot, { action: 'rollback' })).toBe(false);
});
