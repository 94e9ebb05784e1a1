import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectAgreement, people, share, take } from './clones.ts';

test('what one takes and pushes, another fetches', async () => {
  const { ada, others, server } = await people(['ben']);
  const { ben } = others;
  await expectAgreement(server, [ada, ben]);
  const first = await take(ada, 'one');
  const pushed = await share(ada, 'push');
  expect(pushed).toMatchObject({ relation: 'ahead', sent: [{ kind: 'snapshots', created: 1 }], received: [] });
  const fetched = await share(ben, 'fetch');
  expect(fetched).toMatchObject({ relation: 'behind', received: [{ kind: 'snapshots', created: 1 }], sent: [] });
  expect(await ben.ok('snapshot', 'list')).toContain(first.id);
  await expectAgreement(server, [ada, ben]);
  expect(await share(ben, 'sync')).toMatchObject({ relation: 'same', received: [], sent: [] });
});

test('what a server says when it refuses comes first, each line of it, and then one error', async () => {
  const { ada, server } = await people(['ben']);
  const hook = join(server.dir, 'hooks/pre-receive');
  const script = ['#!/bin/sh', 'echo "refused: one" >&2', 'echo "hint: two" >&2', 'exit 1', ''].join('\n');
  writeFileSync(hook, script, { mode: 0o755 });
  await take(ada, 'one');
  const { stderr } = await ada.expect(6, ['snapshot', 'push']);
  expect(stderr.split('\n').slice(0, 3)).toEqual([
    'remote: refused: one',
    'remote: hint: two',
    "error: 'origin' refused all 2 refs: pre-receive hook declined",
  ]);
  rmSync(hook);
  await ada.ok('snapshot', 'push');
});

test('where both went on, own events come on top of what is there', async () => {
  const { ada, others, server } = await people(['ben']);
  const { ben } = others;
  const one = await take(ada, 'one');
  const two = await take(ben, 'two');
  await share(ada, 'push');
  const synced = await share(ben, 'sync');
  expect(synced).toMatchObject({
    relation: 'diverged',
    signedAgain: [{ type: 'snapshot', seqBefore: 3, seqAfter: 4, changed: false }],
    leftOut: [],
    keptBelow: null,
  });
  await share(ada, 'fetch');
  await expectAgreement(server, [ada, ben]);
  for (const id of [one.id, two.id]) expect(await ada.ok('snapshot', 'verify', id)).toContain(id);
});

test('second names of promotions, and what retention does, go with the rest', async () => {
  const { ada, others, server } = await people(['ben'], {
    change: (policy) =>
      Object.assign(policy, {
        mirrorTags: true,
        environments: { staging: {} },
        retention: { keepLast: 1, grace: '0d' },
      }),
  });
  const { ben } = others;
  const first = await take(ada, 'one');
  await ada.ok('snapshot', 'promote', first.id, 'staging', '--yes', '-m', 'one');
  const held = await take(ada, 'two');
  const [pruned, gone] = [await take(ada, 'three'), await take(ada, 'four')];
  await take(ada, 'five');
  await ada.ok('snapshot', 'hold', held.id, '--case', 'audit', '-m', 'asked for');
  await share(ada, 'push');
  expect(server.git('rev-parse', 'refs/tags/promotions/artifacts/staging/1')).toMatch(/^[0-9a-f]+$/);
  await share(ben, 'fetch');
  await expectAgreement(server, [ada, ben]);

  await ada.ok('snapshot', 'prune', '--apply', '--yes');
  await ben.ok('snapshot', 'prune', '--apply', '--yes');
  expect(await share(ada, 'push')).toMatchObject({
    sent: [
      { kind: 'snapshots', deleted: 2 },
      { kind: 'trash', created: 2 },
    ],
  });
  // The very same was done there already.
  expect(await share(ben, 'sync')).toMatchObject({ leftOut: [{ type: 'prune' }], signedAgain: [], sent: [] });
  await expectAgreement(server, [ada, ben]);
  await ben.ok('snapshot', 'undelete', pruned.id);
  await ada.ok('snapshot', 'prune', '--apply', '--yes');
  await share(ben, 'push');
  // Dropped by one, brought back by the other, who was first.
  const { stderr } = await ada.expect(5, ['snapshot', 'sync']);
  expect(stderr).toContain(pruned.id);
  const drop = /sync (--drop \d+)/.exec(stderr)?.[1]?.split(' ') ?? [];
  await share(ada, 'sync', ...drop);
  await share(ben, 'fetch');
  await expectAgreement(server, [ada, ben]);
  expect(await ada.ok('snapshot', 'list')).toContain(pruned.id);
  expect(await ada.ok('snapshot', 'trash')).toContain(gone.id);
});

test('proposed policies get the signatures of both sides', async () => {
  const { ada, others, server } = await people(['ben', 'cy']);
  const { ben, cy } = others;
  await ada.write((policy) => {
    policy.roles['root'] = { people: ['ada-example', 'ben', 'cy'], threshold: 3 };
  });
  await ada.run(['snapshot', 'policy', 'apply', '--yes']);
  expect(await share(ada, 'push')).toMatchObject({ sent: [{ kind: 'proposals', created: 1 }] });
  for (const one of [ben, cy]) {
    await share(one, 'fetch');
    await one.run(['snapshot', 'policy', 'sign', '--yes']);
  }
  await share(ben, 'push');
  await share(cy, 'sync');
  await cy.ok('snapshot', 'policy', 'sign', '--yes');
  await share(cy, 'push');
  for (const one of [ada, ben]) expect((await share(one, 'fetch')).ours.after.policyVersion).toBe(3);
  for (const one of [ada, ben, cy]) await one.ok('snapshot', 'log', '--verify');
  expect(server.git('rev-parse', 'refs/snapshot-policy/current')).toBe(
    ada.git('rev-parse', 'refs/snapshot-policy/current'),
  );
});

test('says once that something is not pushed yet, and again after each promotion', async () => {
  const change = (policy: object) => Object.assign(policy, { environments: { staging: {} } });
  const { ada } = await people(['ben'], { change });
  const hint = "'origin' does not have this yet: git snapshot push";
  expect((await ada.expect(0, ['snapshot', 'create', '--force'])).stderr).toContain(hint);
  expect((await ada.expect(0, ['snapshot', 'create', '--force'])).stderr).not.toContain(hint);
  const { stderr } = await ada.expect(0, ['snapshot', 'promote', 'latest', 'staging', '--yes', '-m', 'x']);
  expect(stderr.split(hint)).toHaveLength(2);
  await share(ada, 'push');
  expect((await ada.expect(0, ['snapshot', 'create', '--force'])).stderr).toContain(hint);
});
