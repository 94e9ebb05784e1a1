import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fsck, runApart } from '../../support/governed-repo.ts';
import { programs } from '../../support/programs.ts';
import { expectRefused, type Member, team } from './team.ts';

const MANY = 8;

const eventsOf = (member: Member) => Number(member.git('rev-list', '--count', 'refs/notes/snapshots'));
const refsOf = (member: Member, kind: string) =>
  member
    .git('for-each-ref', '--format=%(refname)', `refs/${kind}`)
    .split('\n')
    .filter((name) => name !== '');

test(`${MANY} processes promote at once, and get the numbers 1 to ${MANY} of one chain`, async () => {
  const { ada } = await team();
  const taken: string[] = [];
  for (let i = 0; i < MANY; i++) taken.push((await ada.take(`content ${i}`)).id);
  const before = eventsOf(ada);
  const runs = await Promise.all(
    taken.map((id) =>
      runApart(['snapshot', 'promote', id, 'staging', '-m', 'why', '--yes', '--json'], { cwd: ada.dir, env: ada.env }),
    ),
  );
  for (const run of runs) expect(run.code, run.stderr).toBe(0);
  expect(
    refsOf(ada, 'promotions')
      .map((name) => Number(name.split('/').at(-1)))
      .sort(),
  ).toEqual(Array.from({ length: MANY }, (_, i) => i + 1));
  expect(eventsOf(ada)).toBe(before + MANY);
  const list = await ada.run((app) =>
    app.promotion.list({ set: undefined, environment: 'staging', limit: undefined, pending: false }),
  );
  expect(list.map(({ snapshot }) => snapshot).sort()).toEqual(taken.sort());
  expect(list.find(({ status }) => status === 'live')?.number).toBe(MANY);
  expect(await ada.findings()).toBe('');
  expect(fsck(ada.dir)).toBe('');
});

test('two people promote in their clones at once: one push is refused whole, and nothing is lost', async () => {
  const { ada, ben, server, sync } = await team();
  const one = await ben.take('one');
  sync(ben);
  await ada.promote('staging', one.id);
  await ben.promote('staging', one.id);
  ada.push();
  expect(() => ben.push()).toThrow();
  expect(() => ben.pull()).toThrow();
  // His own never was: he takes what the server has, and says it again if it is still to be said.
  ben.git('fetch', '-q', server, '+refs/promotions/*:refs/promotions/*', '+refs/notes/snapshots:refs/notes/snapshots');
  await ben.run((app) => app.trust.accept({ confirm: undefined }));
  expect(await ben.findings()).toBe('');
  expect(await ben.live('staging')).toBe(one.id);
  const two = await ben.take('two');
  expect(await ben.promote('staging', two.id)).toMatchObject({ number: 2 });
  sync(ben);
  expect(await ada.live('staging')).toBe(two.id);
});

test('killed at any moment, a promotion is whole or not at all', async () => {
  const { ada } = await team();
  const script = (await programs()).script('git-snapshot');
  for (let round = 0; round < 8; round++) {
    const { id } = await ada.take(`content ${round}`);
    const before = { events: eventsOf(ada), refs: refsOf(ada, 'promotions').length };
    const child = spawn(process.execPath, [script, 'promote', id, 'staging', '-m', 'why', '--yes'], {
      cwd: ada.dir,
      env: { ...process.env, ...ada.env },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await sleep(60 + round * 60);
    child.kill('SIGKILL');
    await ended;
    const more = refsOf(ada, 'promotions').length - before.refs;
    expect([0, 1]).toContain(more);
    expect(eventsOf(ada) - before.events).toBe(more);
    expect(await ada.findings()).toBe('');
  }
  const { id } = await ada.take('last');
  await ada.promote('staging', id);
  expect(await ada.live('staging')).toBe(id);
  expect(fsck(ada.dir)).toBe('');
});

test('a ref that was put in the way is named, and nothing is written', async () => {
  const { ada } = await team();
  const { id } = await ada.take('one');
  const tip = ada.git('rev-parse', 'refs/notes/snapshots');
  ada.git('update-ref', 'refs/promotions/artifacts/staging/1', ada.git('rev-parse', `refs/snapshots/artifacts/${id}`));
  await expectRefused(
    ada.promote('staging', id),
    'conflict',
    /'refs\/promotions\/artifacts\/staging\/1' is in the way: it is at [0-9a-f]{40}, and no event tells of it/,
  );
  expect(ada.git('rev-parse', 'refs/notes/snapshots')).toBe(tip);
  expect(await ada.findings()).toMatch(/^ref: 'refs\/promotions\/artifacts\/staging\/1' has no event in the log$/);
  ada.git('update-ref', '-d', 'refs/promotions/artifacts/staging/1');
  expect(await ada.promote('staging', id)).toMatchObject({ outcome: 'live', number: 1 });
  expect(await ada.findings()).toBe('');
});
