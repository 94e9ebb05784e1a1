import { describe, expect, test } from 'vitest';
import { expectRefused, team, waiting } from './team.ts';

describe('the policy changes while a promotion waits', () => {
  test('a threshold that was raised must be met', async () => {
    const people = await team({ approvals: { count: 1 } });
    const { cy, dan, change, sync } = people;
    await waiting(people);
    await change((policy) => {
      policy.environments['production'] = { from: 'staging', approvals: { count: 2 } };
    });
    expect((await cy.say('approve', 'production')).promotion.status).toBe('pending');
    sync(cy);
    expect((await dan.say('approve', 'production')).promotion.status).toBe('live');
    sync(dan);
    expect(await people.ada.findings()).toBe('');
  });

  test('one that was lowered is met by the next word, and the same person may say it again', async () => {
    const people = await team();
    const { ada, cy, change, sync } = people;
    const { id } = await waiting(people);
    await cy.say('approve', 'production');
    sync(cy);
    await change((policy) => {
      policy.environments['production'] = { from: 'staging', approvals: { count: 1 } };
    });
    expect(await ada.live('production')).toBeUndefined();
    expect((await cy.say('approve', 'production')).promotion.status).toBe('live');
    sync(cy);
    expect(await ada.live('production')).toBe(id);
    expect(await ada.findings()).toBe('');
  });

  test('who has lost the role does not count any more', async () => {
    const people = await team();
    const { cy, dan, change, sync } = people;
    await waiting(people);
    await cy.say('approve', 'production');
    sync(cy);
    await change((policy) => {
      policy.roles['approver'] = ['dan', 'ben', 'ada'];
    });
    const { promotion } = await dan.say('approve', 'production');
    expect(promotion).toMatchObject({ status: 'pending', tally: { approved: ['dan'] } });
  });
});

describe('keys come and go', () => {
  test('an approval by a key that was retired meanwhile is given again with another', async () => {
    const people = await team();
    const { ada, cy, cy2, dan, change, sync } = people;
    const { id } = await waiting(people);
    await cy.say('approve', 'production');
    sync(cy);
    await change((policy) => {
      policy.people['cy'] = { name: 'cy', keys: [cy2.key] };
    });
    expect((await dan.say('approve', 'production')).promotion).toMatchObject({
      status: 'pending',
      tally: { approved: ['dan'] },
    });
    sync(dan);
    expect((await cy2.say('approve', 'production')).promotion.status).toBe('live');
    sync(cy2);
    expect(await ada.live('production')).toBe(id);
    expect(await ada.findings()).toBe('');
  });

  test('a rejection is not got rid of by a change of keys', async () => {
    const people = await team({ approvals: { count: 1 } });
    const { ada, cy, cy2, dan, change, sync } = people;
    await waiting(people);
    await cy.say('reject', 'production');
    sync(cy);
    await change((policy) => {
      policy.people['cy'] = { name: 'cy', keys: [cy2.key] };
    });
    expect((await dan.say('approve', 'production')).promotion.status).toBe('rejected');
    sync(dan);
    expect(await ada.live('production')).toBeUndefined();
  });

  test('what a key did since it was stolen is void: live falls back, and what follows stands on that', async () => {
    const people = await team({ approvals: { count: 1 } });
    const { ada, ben, cy, dan, change, sync } = people;
    const one = await waiting(people, 'one');
    await cy.say('approve', 'production');
    sync(cy);
    const since = Number(ada.git('rev-list', '--count', 'refs/notes/snapshots')) + 1;
    const two = await waiting(people, 'two');
    await dan.say('approve', 'production');
    sync(dan);
    expect(await ada.live('production')).toBe(two.id);
    await change((policy) => {
      policy.people['dan'] = { name: 'dan', keys: [] };
      policy.revoked = { [dan.key]: { reason: 'compromised', since } };
    });
    for (const who of [ada, ben, cy]) {
      expect(await who.live('production')).toBe(one.id);
      expect(await who.findings()).toBe('');
    }
    // What it approved waits again, and may still be approved by others.
    const { promotion } = await cy.say('approve', 'production', 2);
    expect(promotion).toMatchObject({ status: 'live', snapshot: two.id });
    sync(cy);
    expect(await ben.live('production')).toBe(two.id);
    expect(await ben.findings()).toBe('');
  });

  test('a promotion by a stolen key keeps its number, and what is live before is what it was', async () => {
    const people = await team({ approvals: { count: 0 } });
    const { ada, ben, change, sync } = people;
    const one = await ada.take('one');
    await ada.promote('staging', one.id);
    const since = Number(ada.git('rev-list', '--count', 'refs/notes/snapshots')) + 2;
    sync(ada);
    const two = await ada.take('two');
    sync(ada);
    await ben.promote('staging', two.id);
    sync(ben);
    await change((policy) => {
      policy.people['ben'] = { name: 'ben', keys: [] };
      policy.revoked = { [ben.key]: { reason: 'compromised', since } };
    });
    expect(await ada.live('staging')).toBe(one.id);
    // By what is known now, not by what was known when it was live.
    await expectRefused(ada.promote('production', two.id), 'config', /is not live in staging/);
    expect(await ada.promote('production', one.id)).toMatchObject({ outcome: 'live', number: 1 });
    expect(await ada.promote('staging', two.id)).toMatchObject({ outcome: 'live', number: 3 });
    sync(ada);
    expect(await people.cy.live('production')).toBe(one.id);
    expect(await people.cy.findings()).toBe('');
    const list = await ada.run((app) =>
      app.promotion.list({ set: undefined, environment: 'staging', limit: undefined, pending: false }),
    );
    expect(list.map(({ number, status }) => [number, status]).sort()).toEqual([
      [1, 'superseded'],
      [2, 'void'],
      [3, 'live'],
    ]);
  });
});
