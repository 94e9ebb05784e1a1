import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { RehearseOptions } from '../../../src/flows/rehearsal/rehearse.ts';
import { DAY, expectRefused, type Member, team } from '../promotion/team.ts';

// Each of these is dozens of rollbacks and promotions, by six people.
vi.setConfig({ testTimeout: 400_000 });

const USUAL: RehearseOptions = {
  set: undefined,
  snapshot: undefined,
  environment: undefined,
  allLive: false,
  sample: 0,
  faults: false,
  health: false,
  record: true,
};
const rehearse = (who: Member, options: Partial<RehearseOptions> = {}) =>
  who.run((app) => app.rehearsal.rehearse({ ...USUAL, ...options }));

/** Staging and production, each with what is live in it, and staging with something that was before. */
async function released() {
  const people = await team({ approvals: { count: 0 } });
  const { ada } = people;
  const one = await ada.take('one');
  await ada.promote('staging', one.id);
  await ada.promote('production', one.id);
  const two = await ada.take('two');
  await ada.promote('staging', two.id);
  return { people, ada, one, two };
}

test('of an environment, it goes where a rollback of it would go; of all, what is live in each', async () => {
  const { people, ada, one, two } = await released();
  const back = await rehearse(ada, { environment: 'staging' });
  expect(back.report.rehearsals).toMatchObject([
    { snapshot: one.id, purpose: 'environment', environment: 'staging', start: 'copy', verdict: 'pass' },
  ]);
  // Nothing was live there before.
  const only = await rehearse(ada, { environment: 'production' });
  expect(only.report.rehearsals).toMatchObject([{ snapshot: one.id, purpose: 'live', environment: 'production' }]);
  writeFileSync(join(ada.root, 'weights'), 'dirty');
  const all = await rehearse(ada, { allLive: true });
  expect(all.report).toMatchObject({ verdict: 'pass', live: { isTaken: true } });
  expect(all.report.rehearsals.map(({ snapshot, environment }) => [snapshot, environment])).toEqual([
    [two.id, 'staging'],
    [one.id, 'production'],
  ]);
  const events = await ada.run((app) =>
    app.log({
      set: undefined,
      limit: 2,
      types: ['rehearsal'],
      sinceSec: undefined,
      actor: undefined,
      snapshot: undefined,
    }),
  );
  expect(events.map(({ event }) => event['report'])).toEqual([all.digest, all.digest]);
  expect(await ada.findings()).toBe('');
  // Everybody else's program takes these events.
  people.sync(ada);
  expect(await people.eve.findings()).toBe('');
});

test('a promotion can demand one that is not too old', async () => {
  const { people, ada, two } = await released();
  await people.change((policy) => {
    Object.assign(policy, { gates: { lately: { type: 'rehearsed' }, this: { type: 'rehearsed', of: 'snapshot' } } });
    policy.environments['production'] = { gates: ['lately'] };
    policy.environments['staging'] = { gates: ['this'] };
  });
  await expect(ada.promote('production', two.id)).rejects.toMatchObject({
    hint: 'Nothing was signed. "git snapshot rehearse" is what is asked for.',
  });
  await rehearse(ada, { environment: 'staging', record: false });
  await expectRefused(ada.promote('production', two.id), 'gate', /the gate lately did not pass/);
  await rehearse(ada);
  const three = await ada.take('three');
  await expect(ada.promote('staging', three.id)).rejects.toMatchObject({
    message: expect.stringContaining('the gate this did not pass'),
    hint: `Nothing was signed. "git snapshot rehearse ${three.id}" is what is asked for.`,
  });
  // The rehearsal itself does not wait for one.
  await rehearse(ada, { snapshot: three.id });
  expect(await ada.promote('staging', three.id)).toMatchObject({ outcome: 'live' });
  people.clock.pass(31 * DAY);
  await expectRefused(ada.promote('production', two.id), 'gate', /the gate lately did not pass/);
  await rehearse(ada);
  expect(await ada.promote('production', two.id)).toMatchObject({ outcome: 'live' });
});

test('criteria are those of the policy; what cannot be rolled back, or recorded, is refused before anything is done', async () => {
  const { people, ada } = await released();
  const { ben, clock } = people;
  people.sync(ada);
  await expectRefused(rehearse(ben), 'untrusted', /does not have the role 'releaser'/);
  await people.change((policy) => {
    Object.assign(policy, {
      rehearsal: { maxLoss: '1h', requireGates: 1 },
      gates: { small: { type: 'contract', maxBytes: 2 } },
      expires: new Date((clock.nowSec() + 20 * DAY) * 1000).toISOString().replace(/\.\d+/, ''),
    });
    policy.environments['staging'] = { gates: ['small'] };
  });
  clock.pass(2 * 3600);
  const { report } = await rehearse(ada, { environment: 'staging' });
  expect(report.verdict).toBe('fail');
  expect(report.rehearsals[0]?.criteria.filter(({ ok }) => !ok)).toMatchObject([
    { criterion: 'loss', limit: '1h', value: '2 h' },
    { criterion: 'gates', limit: '1', value: '0 of 1 passed' },
  ]);
  clock.pass(21 * DAY);
  await expectRefused(rehearse(ada), 'untrusted', /the policy ran out/);
  expect((await rehearse(ada, { record: false })).isRecorded).toBe(false);
});

test('the health program of the set looks at the real directory, so it is asked only if that is wanted', async () => {
  const people = await team();
  const { ada } = people;
  await people.change((policy) => {
    const rollback = { health: { argv: ['false'] } };
    Object.assign(policy, { sets: { artifacts: { path: 'artifacts', rollback } } });
  });
  await ada.take('one');
  await ada.take('two');
  expect((await rehearse(ada)).report.verdict).toBe('pass');
  const { report } = await rehearse(ada, { health: true });
  expect(report.verdict).toBe('fail');
  expect(report.rehearsals[0]?.failure).toMatch(/health/);
});

test('of an environment, its own health program is asked in place of that of the set', async () => {
  const { people, ada } = await released();
  const healthIs = (argv: string) => ({ rollback: { health: { argv: [argv] } } });
  await people.change((policy) => {
    Object.assign(policy, { sets: { artifacts: { path: 'artifacts', ...healthIs('true') } } });
    Object.assign(policy.environments['staging'] ?? {}, healthIs('false'));
  });
  expect((await rehearse(ada, { health: true })).report.verdict).toBe('pass');
  const { report } = await rehearse(ada, { environment: 'staging', health: true });
  expect(report.rehearsals[0]?.failure).toMatch(/the health check did not pass/);
});
