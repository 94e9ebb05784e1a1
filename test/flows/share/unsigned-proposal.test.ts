import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../support/temp-repo.ts';
import { people, share, take } from './clones.ts';

test('a proposal that no root has signed keeps nothing else from being pushed, and goes to a root by a bundle', async () => {
  const change = (policy: { roles: Record<string, unknown> }) => {
    policy.roles['root'] = ['ada-example'];
  };
  const { ada, others, server } = await people(['ben'], { change });
  const { ben } = others;
  await ben.write((policy) => Object.assign(policy, { retention: { keepLast: 9 } }));
  const applied = await ben.expect(0, ['snapshot', 'policy', 'apply', '--yes']);
  const ref = ben.git('for-each-ref', '--format=%(refname)', 'refs/snapshot-policy/proposals');
  expect(applied.stderr).toContain(`git bundle create proposal.bundle ${ref}`);
  await take(ben, 'one');

  const planned = await share(ben, 'push', '--dry-run');
  const pushed = await ben.expect(0, ['snapshot', 'push']);
  expect(planned.sent).toEqual([{ kind: 'snapshots', created: 1, moved: 0, deleted: 0 }]);
  expect(pushed.stderr).toContain(`'${ref}' stays here: no root has signed it.`);
  expect(pushed.stderr).toContain(`git update-ref -d ${ref}`);
  expect(server.refs()).toContain('refs/snapshots/');
  expect(server.refs()).not.toContain(ref);

  const bundle = join(tempDir(), 'proposal.bundle');
  ben.git('bundle', 'create', '-q', bundle, ref);
  await share(ada, 'fetch');
  ada.git('fetch', '-q', bundle, 'refs/snapshot-policy/proposals/*:refs/snapshot-policy/proposals/*');
  await ada.ok('snapshot', 'policy', 'sign', '3', '--yes');
  await share(ada, 'push');
  expect((await share(ben, 'fetch')).ours.after.policyVersion).toBe(3);
});
