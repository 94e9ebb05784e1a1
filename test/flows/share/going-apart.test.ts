import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ErrorDocument } from '../../../src/cli/schemas/documents.ts';
import { withApp } from '../../support/open-app.ts';
import { expectAgreement, governedRefs, people, share, take } from './clones.ts';

const change = (policy: object) =>
  Object.assign(policy, {
    environments: { staging: {}, production: { from: 'staging', approvals: { count: 1, excludePromoter: false } } },
  });

test('a promotion whose number was taken gets the next, with what was said of it and what it is of', async () => {
  const { ada, others, server } = await people(['ben'], { change });
  const { ben } = others;
  const one = await take(ada, 'one');
  await ada.ok('snapshot', 'promote', one.id, 'staging', '--yes', '-m', 'one');
  await share(ada, 'push');
  const two = await take(ben, 'two');
  await ben.ok('snapshot', 'promote', two.id, 'staging', '--yes', '-m', 'two');
  await ben.ok('snapshot', 'promote', two.id, 'production', '--yes', '-m', 'two');
  await ben.ok('snapshot', 'reject', 'production/1', '--yes', '-m', 'not yet');
  await ben.ok('snapshot', 'hold', two.id, '--case', 'audit', '-m', 'asked for');
  const before = governedRefs(ben);

  const planned = await share(ben, 'sync', '--dry-run');
  expect(planned).toMatchObject({ dryRun: true, relation: 'diverged', leftOut: [] });
  expect(planned.signedAgain.map(({ seqBefore, seqAfter }) => [seqBefore, seqAfter])).toEqual([
    [3, 5],
    [4, 6],
    [5, 7],
    [6, 8],
    [7, 9],
  ]);
  expect(planned.signedAgain.map(({ was }) => was)).toEqual([null, 'staging/1', null, null, null]);
  const { stdout, stderr } = await ben.expect(0, ['snapshot', 'fetch', '--dry-run']);
  expect(stderr).not.toContain('refused');
  expect(stdout).toMatch(/ 4 → 6 {2}promotion: staging\/2: .* \(was staging\/1\)$/m);
  expect(governedRefs(ben)).toBe(before);

  const synced = await share(ben, 'sync');
  const { signedAgain, keptBelow, leftOut } = synced;
  expect([planned.received, planned.sent]).toEqual([synced.received, synced.sent]);
  expect(signedAgain.map(({ was }) => was)).toEqual([null, 'staging/1', null, null, null]);
  expect(signedAgain.map(({ type, seqAfter, changed }) => [type, seqAfter, changed])).toEqual([
    ['snapshot', 5, false],
    ['promotion', 6, true],
    ['promotion', 7, false],
    ['approval', 8, false],
    ['hold', 9, false],
  ]);
  expect(leftOut).toEqual([]);
  // What gave way is there still: the log, and the promotion that was number 1.
  const kept = ben.git('for-each-ref', '--format=%(refname)', keptBelow ?? '').split('\n');
  expect(kept).toEqual([`${keptBelow}notes/snapshots`, `${keptBelow}promotions/artifacts/staging/1`]);
  await share(ada, 'fetch');
  await expectAgreement(server, [ada, ben]);
  const all = await ada.json<{ environment: string; number: number; snapshot: string; status: string }[]>(
    'snapshot',
    'promotions',
  );
  const states = all.map(({ environment, number, snapshot, status }) => [environment, number, snapshot, status]);
  expect(states.sort()).toEqual([
    ['production', 1, two.id, 'rejected'],
    ['staging', 1, one.id, 'superseded'],
    ['staging', 2, two.id, 'live'],
  ]);
});

test('an event that cannot stand any more stops everything, until it is left out', async () => {
  const { ada, others, server } = await people(['ben'], { change });
  const { ben } = others;
  const one = await take(ada, 'one');
  await ada.ok('snapshot', 'promote', one.id, 'staging', '--yes', '-m', 'one');
  await share(ada, 'push');
  const { stderr } = await ben.expect(0, ['snapshot', 'fetch']);
  expect(stderr).toContain(`staging/1 is live now: artifacts/${one.id}`);
  await ben.ok('snapshot', 'promote', one.id, 'production', '--yes', '-m', 'one');
  await ben.ok('snapshot', 'approve', 'production/1', '--yes', '-m', 'fine');
  const two = await take(ada, 'two');
  await ada.ok('snapshot', 'promote', two.id, 'staging', '--yes', '-m', 'two');
  await share(ada, 'push');

  const before = governedRefs(ben);
  const dry = await ben.expect(0, ['snapshot', 'sync', '--dry-run']);
  expect(dry.stderr.match(/^warning: this will be refused: /gm)).toHaveLength(2);
  const refused = await ben.expect(5, ['snapshot', 'sync']);
  expect(refused.stderr).toContain(`is not live in staging; ${two.id} is`);
  expect(refused.stderr).toContain('git snapshot sync --drop 5 --drop 6');
  const asJson = await ben.expect(5, ['snapshot', 'sync', '--json']);
  const { error } = ErrorDocument.parse(JSON.parse(asJson.stderr));
  expect(error.notes).toEqual([expect.stringMatching(/^event 5 /), expect.stringMatching(/^event 6 /)]);
  expect(governedRefs(ben)).toBe(before);
  await take(ben, 'three');
  const log = ben.git('rev-parse', 'refs/notes/snapshots');
  const planned = await share(ben, 'sync', '--dry-run', '--drop', '5', '--drop', '6');
  expect(planned.sent).toEqual([{ kind: 'snapshots', created: 1, moved: 0, deleted: 0 }]);
  const { leftOut, keptBelow, ...synced } = await share(ben, 'sync', '--drop', '5', '--drop', '6');
  expect([planned.received, planned.sent]).toEqual([synced.received, synced.sent]);
  expect(leftOut.map(({ seq, reason }) => [seq, reason])).toEqual([
    [5, 'left out, as you said'],
    [6, 'left out, as you said'],
  ]);
  expect(ben.git('rev-parse', `${keptBelow}notes/snapshots`)).toBe(log);
  expect(ben.git('cat-file', '-t', `${keptBelow}promotions/artifacts/production/1`)).toBe('tag');
  await share(ada, 'fetch');
  await expectAgreement(server, [ada, ben]);
  expect((await ben.expect(2, ['snapshot', 'sync', '--drop', '5'])).stderr).toContain('have not gone apart');
});

test('events of others are never altered, and come by those who made them', async () => {
  const { ada, others, server } = await people(['ben', 'cy'], { change });
  const { ben, cy } = others;
  await take(ada, 'one');
  await share(ben, 'fetch', ada.dir);
  await take(cy, 'two');
  await share(cy, 'push');
  await take(ben, 'three');
  const before = governedRefs(ben);
  const { stderr } = await ben.expect(5, ['snapshot', 'sync']);
  expect(stderr).toMatch(/is by ada-example, and 'origin' does not have it/);
  expect(stderr).toContain('let them push it first');
  expect(governedRefs(ben)).toBe(before);
  await share(ada, 'sync');
  const { leftOut, signedAgain } = await share(ben, 'sync');
  expect(leftOut).toMatchObject([{ type: 'snapshot', seq: 3, reason: 'it is there already, as event 4' }]);
  expect(signedAgain).toMatchObject([{ type: 'snapshot', seqBefore: 4, seqAfter: 5 }]);
  for (const one of [ada, cy]) await share(one, 'fetch');
  await expectAgreement(server, [ada, ben, cy]);
});

test('a snapshot under a policy that was changed meanwhile is signed anew, and the directory is still it', async () => {
  const { ada, others, server } = await people(['ben'], { change });
  const { ben } = others;
  const taken = await take(ben, 'one');
  await ada.write((policy) => Object.assign(policy, { expires: '2099-01-01T00:00:00Z' }));
  await ada.ok('snapshot', 'policy', 'apply', '--yes', '-q');
  await share(ada, 'push');
  const { signedAgain, ours } = await share(ben, 'sync');
  expect(signedAgain).toMatchObject([{ type: 'snapshot', changed: true }]);
  expect(ours.after.policyVersion).toBe(3);
  await share(ada, 'fetch');
  await expectAgreement(server, [ada, ben]);
  await ada.ok('snapshot', 'verify', taken.id);
  expect((await ben.expect(0, ['snapshot', 'status'])).stdout).toContain(taken.id);
  expect(await ben.json('snapshot', 'create')).toMatchObject({ created: false, snapshot: { id: taken.id } });
});

test('of two policies with the same number, the one that was pushed first is in force', async () => {
  const { ada, others, server } = await people(['ben'], { change });
  const { ben } = others;
  for (const [one, expires] of [
    [ada, '2098-01-01T00:00:00Z'],
    [ben, '2099-01-01T00:00:00Z'],
  ] as const) {
    await one.write((policy) => Object.assign(policy, { expires }));
    await one.ok('snapshot', 'policy', 'apply', '--yes', '-q');
  }
  await take(ben, 'mine');
  await share(ada, 'push');
  const { stderr } = await ben.expect(5, ['snapshot', 'sync']);
  expect(stderr).toContain('policy');
  expect(stderr).toContain('--drop 3');
  await share(ben, 'sync', '--drop', '3');
  expect(await ben.ok('snapshot', 'policy', 'show')).toContain('2098');
  await share(ada, 'fetch');
  await expectAgreement(server, [ada, ben]);
  writeFileSync(join(ben.root, 'weights'), 'goes on');
  await ben.take();
});

test('events are not signed again in the middle of a rollback', async () => {
  const { ada, others, server } = await people(['ben'], { change });
  const { ben } = others;
  const { id } = await take(ben, 'one');
  await take(ada, 'two');
  await share(ada, 'push');
  writeFileSync(join(ben.root, 'weights'), 'not taken');
  const phase = (title: string) => {
    if (title === 'Taking it back') throw new Error('stopped');
    return () => {
      if (title === 'Replacing files') throw new Error('stopped');
    };
  };
  const usual = { set: undefined, steps: undefined, message: undefined, paths: [], dryRun: false, confirm: undefined };
  const env = { XDG_CONFIG_HOME: dirname(ben.keyFile) };
  const rollback = withApp(ben, (app) => app.rollback({ ...usual, snapshot: id }), { env, phase });
  await expect(rollback).rejects.toThrow('stopped');
  const before = governedRefs(ben);
  expect((await ben.expect(9, ['snapshot', 'sync'])).stderr).toContain('has begun and not ended');
  expect(governedRefs(ben)).toBe(before);
  await ben.ok('rollback', '--continue');
  await share(ben, 'sync');
  await share(ada, 'fetch');
  await expectAgreement(server, [ada, ben]);
});
