import { beforeEach, expect, test } from 'vitest';
import type { Person } from '../../support/people.ts';
import { person } from '../../support/people.ts';
import {
  expectAgreement,
  fetchFirst,
  governedRefs,
  server as makeServer,
  people,
  type Server,
  share,
  take,
} from './clones.ts';

let ada: Person;
let ben: Person;
let server: Server;
let root: string;

beforeEach(async () => {
  const made = await people(['ben']);
  ({ ada, server, root } = made);
  ben = made.others.ben;
  await take(ada, 'one');
  await share(ada, 'push');
});

/** Expects that ben takes nothing over, and that the reason is told. */
async function expectRefused(says: RegExp, words: readonly string[] = ['fetch']): Promise<void> {
  const before = governedRefs(ben);
  const { stderr } = await ben.expect(6, ['snapshot', ...words]);
  expect(stderr).toMatch(says);
  expect(governedRefs(ben)).toBe(before);
  const there = server.refs();
  await ben.expect(6, ['snapshot', 'push']);
  expect(server.refs()).toBe(there);
}

const idOf = () =>
  server.git('for-each-ref', '--format=%(refname:lstrip=2)', 'refs/snapshots').split('\n').at(-1) ?? '';

test('refs that no event tells of, and names that are none of ours', async () => {
  const tag = server.git('rev-parse', `refs/snapshots/${idOf()}`);
  for (const ref of [
    'refs/snapshots/artifacts/20261122T000000Z-0123456789ab',
    'refs/snapshots/--upload-pack=x/20261122T000000Z-0123456789ab',
    'refs/tags/promotions/artifacts/staging/1',
  ]) {
    server.git('update-ref', ref, tag);
    await expectRefused(/has no event in the log/);
    server.git('update-ref', '-d', ref);
  }
  await share(ben, 'fetch');
  await expectAgreement(server, [ada, ben]);
});

test('refs that were moved, and refs that are gone', async () => {
  const ref = `refs/snapshots/${idOf()}`;
  const tag = server.git('rev-parse', ref);
  server.git('update-ref', '-d', ref);
  await expectRefused(/its ref is not there/);
  server.git('update-ref', ref, server.git('rev-parse', 'refs/notes/snapshots'));
  await expectRefused(/the log tells of/);
  server.git('update-ref', ref, tag);
  await share(ben, 'fetch');
});

test('a log that has commits which are no events, was rewritten, or is gone', async () => {
  await share(ben, 'fetch');
  await take(ada, 'two');
  await share(ada, 'push');
  const good = server.git('rev-parse', 'refs/notes/snapshots');
  const tree = server.git('rev-parse', 'refs/notes/snapshots^{tree}');
  const identity = ['-c', 'user.name=Mallory', '-c', 'user.email=m@example.org'];
  const stray = server.git(...identity, 'commit-tree', tree, '-p', good, '-m', 'Notes added by git notes add');
  server.git('update-ref', 'refs/notes/snapshots', stray);
  await expectRefused(/is not signed/);
  server.git('update-ref', '-d', 'refs/notes/snapshots');
  await expectRefused(/the audit log is gone/);
  // One of ada's clones went another way, and was pushed over what everybody has seen.
  server.git('update-ref', 'refs/notes/snapshots', good);
  await share(ben, 'fetch');
  await take(ben, 'of ben');
  await share(ben, 'push');
  await take(ada, 'another way');
  ada.git('push', '-q', '--force', '--mirror', server.dir);
  await expectRefused(/its log was rewritten/);
});

test('a log that went back is told of, and a push brings back what is gone', async () => {
  await share(ben, 'fetch');
  const before = server.git('for-each-ref', '--format=create %(refname) %(objectname)');
  await take(ada, 'two');
  await share(ada, 'push');
  await share(ben, 'fetch');
  for (const ref of server.git('for-each-ref', '--format=%(refname)').split('\n')) server.git('update-ref', '-d', ref);
  for (const line of before.split('\n')) server.git('update-ref', ...line.split(' ').slice(1));
  expect((await ben.expect(0, ['snapshot', 'fetch'])).stderr).toMatch(/went back there: it had 4 events, and has 3/);
  await share(ben, 'push');
  await expectAgreement(server, [ada, ben]);
});

test('a repository of somebody else, and one without a policy', async () => {
  const other = await people(['zoe']);
  const { stderr } = await ben.expect(6, ['snapshot', 'fetch', other.server.dir]);
  expect(stderr).toMatch(/of another repository|not the one that you trust|have not said that you trust/);
  const eve = await person('eve');
  expect((await eve.expect(4, ['snapshot', 'fetch', makeServer().dir])).stderr).toContain('git snapshot init');
  eve.git('remote', 'add', 'origin', server.dir);
  const untrusted = await eve.expect(6, ['snapshot', 'fetch']);
  expect(untrusted.stderr).toContain(root);
  expect(governedRefs(eve)).toBe('');
  await fetchFirst(eve, root);
  await expectAgreement(server, [ada, eve]);
});
