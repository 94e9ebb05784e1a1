import { describe, expect, test } from 'vitest';
import { GrowingLog, tagOf } from './growing-log.ts';
import { keyOf, type Rules } from './ledger-model.ts';

const FREE: Rules = {
  count: 0,
  rollbacks: 0,
  excludeAuthor: false,
  excludePromoter: false,
  rejections: 'block',
  approvers: ['ann', 'ben', 'cy', 'dan'],
  holds: true,
};
const ANN = keyOf('ann');
const BEN = keyOf('ben');

/** Production was at a first snapshot, is at a second, and a third is live in staging. */
function sceneOf(rules: Rules = FREE) {
  const log = new GrowingLog({ ...rules, count: 0 });
  const [first, second, third] = [0, 1, 2].map(() => log.take('artifacts', ANN)) as [Name, Name, Name];
  for (const one of [first, second]) {
    log.promote('staging', ANN, one);
    log.promote('production', ANN, one);
  }
  log.promote('staging', ANN, third);
  if (rules.count > 0) log.change(rules, {});
  return { log, first, second, third };
}
type Name = ReturnType<GrowingLog['take']>;

describe('a rollback where the policy holds promotions after it', () => {
  test('stops them until somebody resumes, and nothing else', () => {
    const { log, first, third } = sceneOf();
    expect(log.promote('production', ANN, first, { action: 'rollback' })).toBe(true);
    expect(log.held('production')).toBe(3);
    expect(log.promote('production', ANN, third)).toBe(false);
    expect(log.promote('staging', ANN, first)).toBe(true);
    log.promote('staging', ANN, third);
    expect(log.resume('production', BEN, 3)).toBe(true);
    expect(log.held('production')).toBeUndefined();
    expect(log.promote('production', ANN, third)).toBe(true);
    expect(log.live('production')).toBe(4);
  });

  test('names who, when and how to go on in what it refuses', () => {
    const { log, first, third } = sceneOf();
    log.promote('production', ANN, first, { action: 'rollback' });
    const { id, tag, payload } = third;
    const snapshot = { id, tag, payload };
    const at = '2026-11-22T12:00:00Z';
    const asked = { set: 'artifacts', environment: 'production', snapshot, gates: [], at };
    expect(log.history.promotions.promoteFault(asked, log.version.policy)).toEqual({
      rule: 'hold',
      detail: 'production is on hold since 2026-11-22T12:00:00Z: ann rolled it back (production/3)',
    });
  });

  test('can be followed by another one, which then is what has to be resumed', () => {
    const { log, first, second } = sceneOf();
    log.promote('production', ANN, first, { action: 'rollback' });
    expect(log.promote('production', ANN, second, { action: 'rollback' })).toBe(true);
    expect(log.resume('production', BEN, 3)).toBe(false);
    expect(log.resume('production', BEN, 4)).toBe(true);
    expect(log.resume('production', BEN, 4)).toBe(false);
    expect(log.held('production')).toBeUndefined();
  });

  test('is resumed by its number and by the digest of its tag, in its environment', () => {
    const { log, first } = sceneOf();
    log.promote('production', ANN, first, { action: 'rollback' });
    expect(log.resume('production', BEN, 2)).toBe(false);
    expect(log.resume('production', BEN, 3, { of: 2 })).toBe(false);
    expect(log.resume('staging', BEN, 3)).toBe(false);
    expect(log.resume('production', BEN, 3, { set: 'models' })).toBe(false);
    expect(log.resume('production', BEN, 3)).toBe(true);
  });

  test('does not stop what goes past the rules, and goes on after that', () => {
    const { log, first, third } = sceneOf();
    // The policy of this log lets nobody past its rules: so it is changed.
    const { version } = log;
    Object.assign(version.policy.environments?.['production'] ?? {}, { breakGlass: true });
    log.promote('production', ANN, first, { action: 'rollback' });
    expect(log.promote('production', ANN, third, { breakGlass: true })).toBe(true);
    expect(log.live('production')).toBe(4);
    expect(log.held('production')).toBe(3);
  });

  test('begins when a rollback that needs approvals has them, and not before', () => {
    const { log, first, third } = sceneOf({ ...FREE, rollbacks: 1 });
    log.promote('production', ANN, first, { action: 'rollback' });
    expect(log.held('production')).toBeUndefined();
    expect(log.promote('production', ANN, third)).toBe(true);
    // It comes too late: a later one is live.
    expect(log.say('approve', BEN, 3)).toBe(true);
    expect(log.live('production')).toBe(4);
    expect(log.held('production')).toBeUndefined();
  });

  test('lets nothing that waits become live meanwhile', () => {
    const { log, first, third } = sceneOf({ ...FREE, count: 1, rollbacks: 1 });
    log.promote('production', ANN, first, { action: 'rollback' });
    log.promote('production', ANN, third);
    expect(log.say('reject', BEN, 4)).toBe(true);
    expect(log.say('approve', BEN, 3)).toBe(true);
    expect(log.held('production')).toBe(3);
    // What could make it count is refused; what cannot is heard.
    expect(log.say('approve', keyOf('cy'), 4)).toBe(false);
    expect(log.say('withdraw', BEN, 4)).toBe(false);
    expect(log.say('reject', keyOf('dan'), 4)).toBe(true);
    // Not even where no approval is needed any more, and any word would do.
    log.change({ ...FREE, count: 0, rollbacks: 1, rejections: 'outvote' }, {});
    expect(log.say('reject', keyOf('cy'), 4)).toBe(true);
    expect(log.live('production')).toBe(3);
    expect(log.resume('production', ANN, 3)).toBe(true);
    expect(log.say('approve', keyOf('cy'), 4)).toBe(true);
    expect(log.live('production')).toBe(4);
  });

  test('ends with a policy that knows of no holds', () => {
    const { log, first, third } = sceneOf();
    log.promote('production', ANN, first, { action: 'rollback' });
    log.change({ ...FREE, holds: false }, {});
    expect(log.held('production')).toBeUndefined();
    expect(log.resume('production', BEN, 3)).toBe(false);
    expect(log.promote('production', ANN, third)).toBe(true);
  });

  test('stops nothing where the policy in force then knew of none', () => {
    const { log, first } = sceneOf({ ...FREE, holds: false });
    log.promote('production', ANN, first, { action: 'rollback' });
    log.change(FREE, {});
    expect(log.held('production')).toBeUndefined();
  });
});

describe('a key that is revoked', () => {
  const revoked = { [BEN]: { reason: 'compromised' as const, since: 1 } };

  test('takes back what it resumed: from there on it is on hold again, and what was promoted meanwhile stands', () => {
    const { log, first, second, third } = sceneOf();
    log.promote('production', ANN, first, { action: 'rollback' });
    log.resume('production', BEN, 3);
    log.promote('production', ANN, third);
    log.change(FREE, revoked);
    expect(log.live('production')).toBe(4);
    expect(log.held('production')).toBe(3);
    log.promote('staging', ANN, second);
    expect(log.promote('production', ANN, second)).toBe(false);
    expect(log.resume('production', ANN, 3)).toBe(true);
    expect(log.promote('production', ANN, second)).toBe(true);
    log.expectModel();
  });

  test('takes back the hold of what it rolled back', () => {
    const { log, first, third } = sceneOf();
    log.promote('production', BEN, first, { action: 'rollback' });
    expect(log.held('production')).toBe(3);
    log.change(FREE, revoked);
    expect(log.held('production')).toBeUndefined();
    expect(log.live('production')).toBe(2);
    expect(log.promote('production', ANN, third)).toBe(true);
    log.expectModel();
  });
});

test('a resume names a tag, and no other', () => {
  const { log, first } = sceneOf();
  log.promote('production', ANN, first, { action: 'rollback' });
  const event = { type: 'resume' as const, set: 'artifacts', environment: 'production', number: 3, reason: 'x' };
  const payload = log.history.promotions.live('artifacts', 'production')?.event.payload ?? '';
  expect(log.add(BEN, { ...event, tag: tagOf('other'), promotion: payload })).toBe(false);
});
