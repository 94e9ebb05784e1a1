import { describe, expect, test } from 'vitest';
import { expectRefused, team, waiting } from './team.ts';

describe('where two people must approve', () => {
  test('it is live with the second, on every clone', async () => {
    const people = await team();
    const { ada, ben, cy, dan, sync } = people;
    const { id } = await waiting(people);
    expect(await dan.live('production')).toBeUndefined();
    const first = await cy.say('approve', 'production');
    expect(first.promotion).toMatchObject({ status: 'pending', tally: { needed: 2, approved: ['cy'] } });
    sync(cy);
    const second = await dan.say('approve', 'production', 1);
    expect(second.promotion).toMatchObject({ status: 'live', tally: { isEnough: true } });
    sync(dan);
    for (const one of [ada, ben, cy, dan]) {
      expect(await one.live('production')).toBe(id);
      expect(await one.findings()).toBe('');
    }
    const approvals = ada.git('for-each-ref', '--format=%(refname)', 'refs/approvals/artifacts/production/1');
    expect(approvals.split('\n')).toHaveLength(2);
    for (const ref of approvals.split('\n'))
      expect(ada.git('rev-parse', `${ref}^{}`)).toBe(ada.git('rev-parse', `refs/snapshots/artifacts/${id}^{}`));
    await expectRefused(dan.say('approve', 'production', 1), 'conflict', /has all it needs already/);
  });

  test('one person with two keys is one person', async () => {
    const people = await team();
    const { cy, cy2, dan, sync } = people;
    await waiting(people);
    await cy.say('approve', 'production');
    sync(cy);
    await expectRefused(cy2.say('approve', 'production'), 'conflict', /said so of production\/1 already/);
    expect(await dan.live('production')).toBeUndefined();
  });

  test('who took the snapshot, who promoted it and who has no role are told that it would not count', async () => {
    const people = await team();
    await waiting(people);
    await expectRefused(people.ben.say('approve', 'production'), 'config', /would not count: ben took the snapshot/);
    await expectRefused(people.ada.say('approve', 'production'), 'config', /would not count: ada promoted it/);
    await expectRefused(people.eve.say('approve', 'production'), 'untrusted', /does not have the role 'approver'/);
    await expectRefused(people.cy.promote('staging', 'latest'), 'conflict', /live in staging already/);
    expect(people.cy.git('for-each-ref', 'refs/approvals')).toBe('');
  });

  test('who may not promote does not', async () => {
    const people = await team();
    const { id } = await people.ben.take('one');
    people.sync(people.ben);
    await expectRefused(people.cy.promote('staging', id), 'untrusted', /does not have the role 'promoter'/);
  });
});

describe('a rejection', () => {
  test('stops it until the same person takes it back, with whichever key', async () => {
    const people = await team();
    const { ada, cy, cy2, dan, ben, sync } = people;
    const { id } = await waiting(people);
    expect((await cy.say('reject', 'production')).promotion.status).toBe('rejected');
    sync(cy);
    await dan.say('approve', 'production', 1);
    sync(dan);
    expect(await ada.live('production')).toBeUndefined();
    await expectRefused(ben.say('withdraw', 'production', 1), 'not-found', /neither approved nor rejected/);
    // Her other machine knows only the log.
    expect((await cy2.say('approve', 'production', 1)).promotion).toMatchObject({ status: 'live', snapshot: id });
    sync(cy2);
    for (const one of [ada, cy, dan]) {
      expect(await one.live('production')).toBe(id);
      expect(await one.findings()).toBe('');
    }
  });

  test('is withdrawn, and then the approvals that were there are enough', async () => {
    const people = await team({ approvals: { count: 1 } });
    const { ada, cy, dan, sync } = people;
    const { id } = await waiting(people);
    await cy.say('reject', 'production');
    sync(cy);
    expect((await dan.say('approve', 'production')).promotion.status).toBe('rejected');
    sync(dan);
    cy.pull();
    expect((await cy.say('withdraw', 'production')).promotion.status).toBe('live');
    sync(cy);
    expect(await ada.live('production')).toBe(id);
    // The ref of her rejection has moved to her last word.
    expect(cy.git('for-each-ref', '--format=%(contents)', 'refs/approvals')).toMatch(/^Decision: withdraw$/m);
    expect(cy.git('for-each-ref', '--format=%(contents)', 'refs/approvals')).not.toMatch(/^Decision: reject$/m);
    expect(await ada.findings()).toBe('');
  });

  test('is outvoted where the policy says so', async () => {
    const people = await team({ rejections: 'outvote', approvals: { count: 1 } });
    const { cy, dan, sync } = people;
    const { id } = await waiting(people);
    expect((await cy.say('reject', 'production')).promotion.status).toBe('pending');
    sync(cy);
    expect((await dan.say('approve', 'production')).promotion.status).toBe('live');
    expect(await dan.live('production')).toBe(id);
  });
});

test('one that was overtaken is not approved any more, and is nothing to go back to', async () => {
  const people = await team({ approvals: { count: 1 } });
  const { ada, cy, dan, sync } = people;
  await waiting(people, 'one');
  const newer = await waiting(people, 'two');
  await expectRefused(
    cy.say('approve', 'production'),
    'usage',
    /several promotions wait: production\/1, production\/2/,
  );
  await cy.say('approve', 'production', 2);
  sync(cy);
  await expectRefused(dan.say('approve', 'production', 1), 'conflict', /was overtaken by production\/2/);
  expect(await ada.live('production')).toBe(newer.id);
  await expectRefused(
    ada.rollBack('production'),
    'not-found',
    /nothing was live in production before what is live now/,
  );
});
