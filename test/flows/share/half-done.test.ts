import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { FIRST, type Person } from '../../support/people.ts';
import { expectAgreement, governedRefs, server as makeServer, people, type Server, share, take } from './clones.ts';

// Git moves the refs of a push one after the other, even of an atomic one: a server that dies in between keeps some.

const LOG = 'refs/notes/snapshots';
const POLICY = 'refs/snapshot-policy/current';

let ada: Person;
let ben: Person;
let server: Server;

beforeEach(async () => {
  const made = await people(['ben'], {
    change: (policy) => {
      Object.assign(policy, { environments: { staging: {} }, retention: { keepLast: 1 } });
    },
  });
  ({ ada, server } = made);
  ben = made.others.ben;
});

const refsOf = (git: Server['git']) =>
  new Map(
    git('for-each-ref', '--format=%(refname) %(objectname)')
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );

/** Pushes, and takes back there what of it is to be as if it had not come: what `isKept` does not say. */
async function pushHalf(one: Person, isKept: (name: string) => boolean): Promise<string[]> {
  const before = refsOf(server.git);
  await share(one, 'push');
  const after = refsOf(server.git);
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
  const lost = changed.filter((name) => !isKept(name));
  for (const name of lost) {
    const oid = before.get(name);
    server.git('update-ref', ...(oid === undefined ? ['-d', name] : [name, oid]));
  }
  return lost;
}

/** Expects that ben, who lacks what was pushed, takes nothing, and is told who can mend it. */
async function expectNothingTaken(): Promise<void> {
  const [before, there] = [governedRefs(ben), server.refs()];
  for (const verb of ['fetch', 'push']) {
    const { stderr } = await ben.expect(6, ['snapshot', verb]);
    expect(stderr).toMatch(/^error: what 'origin' has is not to be believed: /m);
  }
  expect([governedRefs(ben), server.refs()]).toEqual([before, there]);
}

/** Expects that ada, who has all of it, is told of these refs, and mends the remote with a push alone. */
async function expectMended(names: readonly string[], says: RegExp): Promise<void> {
  const there = server.refs();
  const fetched = await ada.expect(6, ['snapshot', 'fetch']);
  expect(fetched.stderr).toMatch(/^error: a push to 'origin' ended halfway, or somebody removed refs there/m);
  expect(fetched.stderr).toMatch(/^hint: .*"git snapshot push" mends it/m);
  const { stderr } = await ada.expect(0, ['snapshot', 'push', '--dry-run']);
  for (const name of names) expect(stderr).toContain(`warning: '${name}' `);
  expect(stderr).toMatch(says);
  expect(server.refs()).toBe(there);
  await ada.expect(0, ['snapshot', 'push']);
  await share(ben, 'fetch');
  await expectAgreement(server, [ada, ben]);
  expect((await ada.expect(0, ['snapshot', 'push'])).stderr).not.toContain('warning');
}

test('the log came, and not the snapshots: whoever has them sends them, and nobody else takes anything', async () => {
  await take(ada, 'one');
  await take(ada, 'two');
  const lost = await pushHalf(ada, (name) => name === LOG);
  expect(lost).toHaveLength(2);
  await expectNothingTaken();
  const { stderr } = await ben.expect(6, ['snapshot', 'fetch']);
  expect(stderr).toContain(`in a clone that has what is missing, as that of ${FIRST}.`);
  await expectMended(lost, /is not there$/m);
});

test('a clone that went on since sends what is new with what is missing', async () => {
  await take(ada, 'one');
  await pushHalf(ada, (name) => name === LOG);
  await take(ada, 'two');
  const sent = await share(ada, 'push');
  expect(sent).toMatchObject({ relation: 'ahead', theirs: { before: { seq: 3 }, after: { seq: 4 } } });
  expect(sent.sent).toEqual([{ kind: 'snapshots', created: 2, moved: 0, deleted: 0 }]);
  await share(ben, 'fetch');
  await expectAgreement(server, [ada, ben]);
});

test('a snapshot that was pruned went to the trash, and its ref is still there', async () => {
  await take(ada, 'one');
  await take(ada, 'two');
  await share(ada, 'push');
  await share(ben, 'fetch');
  await ada.ok('snapshot', 'prune', '--apply', '--yes');
  const lost = await pushHalf(ada, (name) => name === LOG || name.startsWith('refs/trash/'));
  expect(lost).toHaveLength(1);
  await expectNothingTaken();
  await expectMended(lost, /is still there, at [0-9a-f]{40}$/m);
});

test('a policy whose event came, and it did not', async () => {
  await ada.write((policy) => {
    policy.retention = { keepLast: 2 };
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes', '-q');
  expect(await pushHalf(ada, (name) => name === LOG)).toEqual([POLICY]);
  await expectNothingTaken();
  await expectMended([POLICY], /is at [0-9a-f]{40}, and not at [0-9a-f]{40}$/m);
});

test('the first push, of which the log came', async () => {
  await take(ada, 'one');
  server = makeServer();
  for (const one of [ada, ben]) one.git('remote', 'set-url', 'origin', server.dir);
  const lost = await pushHalf(ada, (name) => name === LOG);
  await ben.expect(6, ['snapshot', 'fetch']);
  await expectMended(lost, /is not there$/m);
});

test('what was erased here since is not sent, nor asked for, and the rest is', async () => {
  const [one, two] = [await take(ada, 'one'), await take(ada, 'two')];
  await ada.ok('snapshot', 'promote', one.id, 'staging', '--yes', '-m', 'try');
  const lost = await pushHalf(ada, (name) => name === LOG);
  expect(lost).toHaveLength(3);
  await ada.ok('snapshot', 'promote', two.id, 'staging', '--yes', '-m', 'better');
  await ada.ok('snapshot', 'erase', one.id, '--yes', '-m', 'leaked');
  expect(() => ada.git('cat-file', '-e', one.tag)).toThrow();
  await expectNothingTaken();

  const { stderr } = await ada.expect(6, ['snapshot', 'fetch']);
  expect(stderr).toMatch(/^hint: .*"git snapshot push" mends it/m);
  const sent = await share(ada, 'push');
  expect(sent).toMatchObject({ relation: 'ahead', theirs: { before: { seq: 5 }, after: { seq: 7 } } });
  expect(server.refs()).not.toContain(one.id);
  await share(ben, 'fetch');
  await expectAgreement(server, [ada, ben]);
});

test('what was erased here since, and came there, goes there', async () => {
  const one = await take(ada, 'one');
  await take(ada, 'two');
  await pushHalf(ada, (name) => name === LOG || name === one.ref);
  await ada.ok('snapshot', 'erase', one.id, '--yes', '-m', 'leaked');
  await share(ada, 'push');
  expect(server.refs()).not.toContain(one.id);
  await share(ben, 'fetch');
  await expectAgreement(server, [ada, ben]);
});

test('what our log does not tell of, or is not here any more, is no half of a push', async () => {
  const { ref } = await take(ada, 'one');
  await pushHalf(ada, (name) => name === LOG);
  const expectRefused = async (says = /^error: what 'origin' has is not to be believed: /m) => {
    const there = server.refs();
    const { stderr } = await ada.expect(6, ['snapshot', 'push']);
    expect(stderr).toMatch(says);
    expect(server.refs()).toBe(there);
  };
  // A ref that our log never told of, and one that is where our log never had it.
  const [stranger, mirror] = [
    'refs/snapshots/artifacts/20260101T000000Z-0123456789ab',
    'refs/tags/promotions/artifacts/x/1',
  ];
  for (const name of [stranger, mirror, ref]) {
    server.git('update-ref', name, LOG);
    await expectRefused();
    server.git('update-ref', '-d', name);
  }
  // A log that goes on from ours, and one that goes another way.
  const tip = server.git('rev-parse', LOG);
  const identity = ['-c', 'user.name=Mallory', '-c', 'user.email=m@example.org'];
  for (const parent of [LOG, `${LOG}~1`]) {
    const stray = server.git(...identity, 'commit-tree', `${LOG}^{tree}`, '-p', parent, '-m', 'more');
    server.git('update-ref', LOG, stray);
    await expectRefused();
    server.git('update-ref', LOG, tip);
  }
  // Nobody fetches what no ref names.
  const tag = ada.git('rev-parse', ref);
  for (const name of [ref, ref.replace('refs/', 'refs/snapshot-remotes/origin/')]) ada.git('update-ref', '-d', name);
  rmSync(join(ada.dir, '.git/objects', tag.slice(0, 2), tag.slice(2)));
  await expectRefused(/is gone, and so is what it named$/m);
});

test('a lock that is left there is named once it is seen that nobody goes on, and is no obstacle when it is gone', async () => {
  await take(ada, 'one');
  const lock = join(server.dir, `${LOG}.lock`);
  writeFileSync(lock, '');
  const there = server.refs();
  const { stderr } = await ada.expect(5, ['snapshot', 'push']);
  expect(stderr).toContain(`error: a process at 'origin' holds the lock '`);
  expect(stderr).toContain(`/${LOG}.lock'`);
  expect(server.refs()).toBe(there);
  rmSync(lock);
  await share(ada, 'push');
  await share(ben, 'fetch');
  await expectAgreement(server, [ada, ben]);
});
