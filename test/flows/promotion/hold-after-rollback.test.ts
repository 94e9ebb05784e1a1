import { expect, test } from 'vitest';
import { expectRefused, team } from './team.ts';

const set = undefined;
const resume = { set, environment: 'production', message: 'fixed', confirm: undefined };

test('an environment that was rolled back takes no promotions until a releaser resumes it', async () => {
  const people = await team({ approvals: { count: 0 }, rollback: { approvals: 0, hold: true } });
  const { ada, ben, clock } = people;
  const ids: string[] = [];
  for (const content of ['one', 'two']) {
    const { id } = await ada.take(content);
    for (const environment of ['staging', 'production']) await ada.promote(environment, id);
    ids.push(id);
  }
  await expectRefused(
    ada.run((app) => app.promotion.resume(resume)),
    'not-found',
    /production is not on hold/,
  );
  expect(await ada.rollBack('production')).toMatchObject({ isOnHold: true });
  people.sync(ada);
  const sinceSec = clock.nowSec();
  clock.pass(60);

  // Refused with who, since when, and what to do; for everybody, and before any gate is run.
  for (const dryRun of [false, true]) {
    const refused = await ben.promote('production', ids[1] ?? '', { dryRun }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      kind: 'config',
      message: expect.stringMatching(
        /^the rules of production forbid it: production is on hold since .*: ada rolled it back \(production\/3\)$/,
      ),
      hint: 'Once it is safe to go on, a releaser says so: git snapshot resume production -m WHY',
    });
  }
  const hold = { number: 3, by: 'ada', reason: 'because' };
  const [staging, production] = await ben.run((app) => app.promotion.environments({ set }));
  expect(staging?.hold).toBeUndefined();
  expect(production).toMatchObject({ hold, live: { number: 3, holds: true } });
  expect(Math.abs((production?.hold?.sinceSec ?? 0) - sinceSec)).toBeLessThan(60);
  const review = await ben.run((app) =>
    app.promotion.review({ set, environment: 'production', number: 3, quick: true, rerun: false }),
  );
  expect(review.hold).toMatchObject(hold);

  await expectRefused(
    ben.run((app) => app.promotion.resume(resume)),
    'untrusted',
    /does not have the role 'releaser'/,
  );
  const result = await ada.run((app) => app.promotion.resume(resume));
  expect(result).toMatchObject({
    environment: 'production',
    hold: { number: 3, by: 'ada' },
    by: 'ada',
    reason: 'fixed',
  });
  people.sync(ada);
  await ben.promote('production', ids[1] ?? '');
  expect(await ben.live('production')).toBe(ids[1]);
  expect(await ben.findings()).toBe('');
  const [last] = await ada.run((app) =>
    app.log({ set, limit: 1, types: ['resume'], sinceSec: undefined, actor: undefined, snapshot: undefined }),
  );
  expect(last).toMatchObject({ type: 'resume', summary: 'resume: artifacts/production after 3: fixed' });
});

test('a hold lets through what goes past every rule, and another rollback, and goes on after both', async () => {
  const { ada } = await team({ approvals: { count: 0 }, rollback: { approvals: 0, hold: true }, breakGlass: true });
  const ids: string[] = [];
  for (const content of ['one', 'two']) {
    const { id } = await ada.take(content);
    for (const environment of ['staging', 'production']) await ada.promote(environment, id);
    ids.push(id);
  }
  await ada.rollBack('production');
  await ada.promote('production', ids[1] ?? '', { breakGlass: true });
  expect(await ada.live('production')).toBe(ids[1]);
  await expectRefused(ada.promote('production', ids[0] ?? ''), 'config', /on hold .* \(production\/3\)/);
  await ada.rollBack('production');
  expect(await ada.live('production')).toBe(ids[0]);
  await expectRefused(ada.promote('production', ids[1] ?? ''), 'config', /on hold .* \(production\/5\)/);
});

test('what was promoted elsewhere before the rollback was known does not get in by a sync', async () => {
  const people = await team({ approvals: { count: 0 }, rollback: { approvals: 0, hold: true } });
  const { ada, ben, server } = people;
  const { id: one } = await ada.take('one');
  const { id: two } = await ada.take('two');
  for (const id of [one, two]) for (const environment of ['staging', 'production']) await ada.promote(environment, id);
  const { id: three } = await ada.take('three');
  await ada.promote('staging', three);
  people.sync(ada);
  await ada.rollBack('production');
  ada.push();
  await ben.promote('production', three);
  const synced = ben.run((app) => app.share.push({ remote: server, drop: [], dryRun: false, quick: false }));
  await expectRefused(synced, 'conflict', /./);
  ada.pull();
  expect(await ada.live('production')).toBe(one);
});
