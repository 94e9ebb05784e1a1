import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAY, expectRefused, HOUR, MINUTE, team, waiting } from './team.ts';

const dayOf = (atSec: number) => new Date(atSec * 1000).toISOString().slice(0, 10);

test('a snapshot must have been live before for as long as the policy says', async () => {
  const people = await team({ soak: '12h', approvals: { count: 0 } });
  const { ada, ben, clock, sync } = people;
  const { id } = await ben.take('one');
  await ben.promote('staging', id);
  sync(ben);
  await expectRefused(ada.promote('production', id), 'config', /must stay in staging for 43\d\d\d more seconds/);
  clock.pass(12 * HOUR - MINUTE);
  await expectRefused(ada.promote('production', id), 'config', /must stay in staging for \d{1,2} more seconds/);
  clock.pass(MINUTE);
  expect(await ada.promote('production', id)).toMatchObject({ outcome: 'live', number: 1 });
  sync(ada);
  // The next one soaks anew, whatever is live further on.
  const next = await ben.take('two');
  await ben.promote('staging', next.id);
  sync(ben);
  await expectRefused(ada.promote('production', next.id), 'config', /must stay in staging/);
  await expectRefused(ada.promote('production', id), 'config', /is not live in staging/);
  expect(await ben.live('production')).toBe(id);
  expect(await ben.findings()).toBe('');
});

describe('in a freeze', () => {
  async function frozen(more: Record<string, unknown> = {}) {
    const day = dayOf(Date.now() / 1000 + 3 * DAY);
    const people = await team({
      approvals: { count: 1 },
      freeze: [{ name: 'Holidays', zone: 'UTC', fromDay: day, toDay: day }],
      ...more,
    });
    const begin = () => people.clock.pass(Date.parse(day) / 1000 - people.clock.nowSec());
    return { people, begin };
  }

  test('nothing is promoted and nothing approved; a rejection is not taken back; what is not to go on may be stopped', async () => {
    const { people, begin } = await frozen();
    const { ada, ben, cy, dan, clock, sync } = people;
    const { id } = await waiting(people);
    await cy.say('reject', 'production');
    sync(cy);
    await dan.say('approve', 'production');
    sync(dan);
    clock.pass(MINUTE);
    begin();
    const tip = ada.git('rev-parse', 'refs/notes/snapshots');
    cy.pull();
    await expectRefused(cy.say('withdraw', 'production'), 'config', /production is frozen: Holidays/);
    await expectRefused(cy.say('approve', 'production'), 'config', /production is frozen: Holidays/);
    await expectRefused(ada.promote('production', '@staging'), 'config', /production is frozen: Holidays/);
    expect(cy.git('rev-parse', 'refs/notes/snapshots')).toBe(tip);
    await dan.say('reject', 'production');
    sync(dan);
    clock.pass(DAY);
    await dan.say('withdraw', 'production');
    sync(dan);
    expect((await cy.say('approve', 'production')).promotion).toMatchObject({ status: 'live', snapshot: id });
    sync(cy);
    expect(await ben.findings()).toBe('');
  });

  test('a rollback goes through, and says that it was made in one', async () => {
    const { people, begin } = await frozen();
    const { ada, ben, cy, sync } = people;
    const one = await waiting(people, 'one');
    await cy.say('approve', 'production');
    sync(cy);
    const two = await waiting(people, 'two');
    await cy.say('approve', 'production');
    sync(cy);
    writeFileSync(join(ada.root, 'weights'), 'two');
    begin();
    const { directory, promotion } = await ada.rollBack('production');
    expect(directory).toMatchObject({ outcome: 'applied' });
    expect(promotion).toMatchObject({ outcome: 'live', number: 3, action: 'rollback', frozen: ['Holidays'] });
    expect(promotion).toMatchObject({ snapshot: one.id, previous: two.id });
    expect(readFileSync(join(ada.root, 'weights'), 'utf8')).toBe('one');
    sync(ada);
    expect(await ben.live('production')).toBe(one.id);
    expect(ben.git('cat-file', 'tag', 'refs/promotions/artifacts/production/3')).toMatch(/^Frozen: Holidays$/m);
    expect(await ben.findings()).toBe('');
  });

  test('a releaser goes past every rule, where the policy allows it', async () => {
    const { people, begin } = await frozen({ breakGlass: true });
    const { ada, ben, sync } = people;
    const { id } = await ben.take('one');
    sync(ben);
    begin();
    await expectRefused(ben.promote('production', id, { breakGlass: true }), 'untrusted', /role 'releaser'/);
    expect(await ada.promote('production', id, { breakGlass: true })).toMatchObject({ outcome: 'live' });
    sync(ada);
    expect(await ben.live('production')).toBe(id);
    expect(ben.git('cat-file', 'tag', 'refs/promotions/artifacts/production/1')).toMatch(/^Break-Glass: yes$/m);
    expect(await ben.findings()).toBe('');
  });
});

test('nobody goes past the rules where the policy does not say so', async () => {
  const { ada, ben, sync } = await team();
  const { id } = await ben.take('one');
  sync(ben);
  await expectRefused(
    ada.promote('production', id, { breakGlass: true }),
    'config',
    /nobody promote to production past/,
  );
});

describe('a rollback of an environment', () => {
  test('that needs an approval puts the directory back once it is there', async () => {
    const people = await team({ approvals: { count: 0 }, rollback: { approvals: 1 } });
    const { ada, cy, sync } = people;
    const one = await waiting(people, 'one');
    const two = await waiting(people, 'two');
    writeFileSync(join(ada.root, 'weights'), 'two');
    expect(await ada.rollBack('production')).toMatchObject({
      directory: undefined,
      promotion: { outcome: 'pending', number: 3, snapshot: one.id },
    });
    await expectRefused(
      ada.rollBack('production'),
      'conflict',
      /waits in production already, as promotion production\/3/,
    );
    sync(ada);
    expect(await ada.live('production')).toBe(two.id);
    await cy.say('approve', 'production');
    sync(cy);
    expect(await ada.live('production')).toBe(one.id);
    expect(readFileSync(join(ada.root, 'weights'), 'utf8')).toBe('two');
    const { directory, promotion } = await ada.rollBack('production');
    expect(directory).toMatchObject({ outcome: 'applied' });
    expect(promotion).toMatchObject({ outcome: 'live', number: 3, snapshot: one.id, previous: two.id });
    expect(readFileSync(join(ada.root, 'weights'), 'utf8')).toBe('one');
    expect(await ada.findings()).toBe('');
    // Typed once more, it goes no way forward to what it left.
    await expectRefused(
      ada.rollBack('production'),
      'not-found',
      new RegExp(
        `production/3 is a rollback already, to ${one.id}: another goes further back, and nothing was live before `,
      ),
    );
  });

  test('goes back no further than the policy says', async () => {
    const people = await team({ approvals: { count: 0 }, rollback: { approvals: 0, depth: 1 } });
    const { ada } = people;
    const first = await waiting(people, 'one');
    await waiting(people, 'two');
    await waiting(people, 'three');
    const back = (snapshot: string) =>
      ada.run((app) =>
        app.promotion.rollback({
          set: undefined,
          environment: 'production',
          snapshot,
          steps: undefined,
          message: 'back',
          dryRun: true,
          confirm: undefined,
        }),
      );
    await expectRefused(back(first.id), 'config', /further back than 1 live snapshots/);
    await expectRefused(back('@production'), 'config', /is live in production already/);
  });

  test('is not for who is no releaser', async () => {
    const people = await team({ approvals: { count: 0 } });
    await waiting(people, 'one');
    await waiting(people, 'two');
    await expectRefused(people.ben.rollBack('production'), 'untrusted', /role 'releaser'/);
  });
});

test('each promotion is a tag too, where the policy says so', async () => {
  const people = await team({ approvals: { count: 0 } });
  await people.change((policy) => {
    policy.mirrorTags = true;
  });
  const { ada } = people;
  await waiting(people);
  const tags = ada.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/tags');
  const tag = ada.git('rev-parse', 'refs/promotions/artifacts/production/1');
  expect(tags).toBe(`refs/tags/promotions/artifacts/production/1 ${tag}`);
});
