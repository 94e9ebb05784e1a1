import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { FIRST } from '../../support/people.ts';
import { expectAgreement, people, take } from './clones.ts';

const ROLES = ['snapshotter', 'promoter', 'approver', 'releaser', 'auditor', 'pruner', 'root'];

test('who has events of his own and no key of the policy any more is told the way out, and can take it', async () => {
  const { ada, others, server } = await people(['ben']);
  const { ben } = others;
  await take(ben, 'of ben');
  await take(ben, 'of ben, too');
  await take(ada, 'of ada');
  await ada.write((policy) => {
    delete policy.people['ben'];
    for (const role of ROLES) policy.roles[role] = [FIRST];
  });
  rmSync(join(ada.dir, '.snapshots/keys', basename(ben.keyFile)));
  await ada.ok('snapshot', 'policy', 'apply', '--yes', '-q');
  await ada.ok('snapshot', 'push');
  const before = server.refs();

  for (const verb of ['fetch', 'push', 'sync']) {
    const { stderr } = await ben.expect(6, ['snapshot', verb]);
    expect(stderr).toMatch(
      /^error: nobody can sign 2 events that 'origin' does not have again: you have the private key/m,
    );
    expect(stderr).toContain(`Version 3 does not have ${ben.key} any more`);
    expect(stderr).toMatch(/hint: .*git snapshot sync --drop 3 --drop 4\./);
  }
  const { stderr } = await ben.expect(6, ['snapshot', 'sync', '--drop', '3']);
  expect(stderr).toMatch(/nobody can sign event 4 .*\n.*git snapshot sync --drop 3 --drop 4\./);
  await ben.ok('snapshot', 'sync', '--drop', '3', '--drop', '4', '-n');
  await ben.ok('snapshot', 'sync', '--drop', '3', '--drop', '4');
  expect(server.refs()).toBe(before);
  await expectAgreement(server, [ada, ben]);
});
