import { expect, test } from 'vitest';
import type { App } from '../../src/cli/app/app.ts';
import { DOCUMENTS } from '../../src/cli/schemas/documents.ts';
import { fakeApp } from '../support/fake-app.ts';
import { FIRST, person } from '../support/people.ts';
import { runCli } from '../support/run-cli.ts';

async function owner() {
  const ada = await person(FIRST);
  await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
  const { root } = await ada.json<{ root: { found: string; pinned: string } }>('snapshot', 'trust', 'show');
  return { ada, digest: root.found, root };
}

test('in a fresh clone nothing is believed without a pin, and all with it', async () => {
  const { ada, digest, root } = await owner();
  expect(root.pinned).toBe(digest);
  const clone = await person('ben');
  clone.pull(ada);
  const refused = await clone.expect(6, ['snapshot', 'log', '--verify']);
  expect(refused.stderr).toContain('you have not said that you trust the policy');
  expect(refused.stderr).toContain('git snapshot trust pin DIGEST');
  expect(await clone.ok('snapshot', 'trust')).toContain('You trust:   nothing is pinned');

  const wrong = `sha256:${'0'.repeat(64)}`;
  expect((await clone.expect(6, ['snapshot', 'trust', 'pin', wrong])).stderr).toContain('does not begin with');
  await clone.expect(6, ['snapshot', 'log', '--verify']);
  expect((await clone.expect(2, ['snapshot', 'trust', 'pin', 'sha256:abc'])).stderr).toContain('is not the digest');

  expect(await clone.ok('snapshot', 'trust', 'pin', digest)).toContain('You trust:   the one that is here');
  expect(await clone.ok('snapshot', 'log', '--verify')).toBe('1 event verified, policy version 1\n');
  expect(await clone.json('snapshot', 'trust')).toMatchObject({ root: { pinned: digest }, seen: { event: 1 } });
});

test('a clone with nothing yet is pinned to what shall come', async () => {
  const { ada, digest } = await owner();
  const { ada: other } = await owner();
  const clone = await person('ben');
  const wrong = `sha256:${'0'.repeat(64)}`;
  expect(await clone.ok('snapshot', 'trust', 'pin', wrong)).toContain(`You trust: ${wrong}, and nothing else`);
  const fetched = await clone.expect(6, ['snapshot', 'fetch', ada.dir]);
  expect(fetched.stderr).toContain('is not the one that you trust');

  const { stdout, stderr } = await clone.expect(0, ['snapshot', 'trust', 'pin', digest, '--json']);
  expect(DOCUMENTS['trust'].parse(JSON.parse(stdout))).toMatchObject({ repository: null, root: { pinned: digest } });
  expect(stderr).toContain(`${wrong} is no longer what is trusted here`);
  expect(await clone.json('snapshot', 'trust')).toMatchObject({ policy: null, root: { found: null, pinned: digest } });
  await clone.expect(6, ['snapshot', 'fetch', other.dir]);
  await clone.ok('snapshot', 'fetch', ada.dir);
  expect(await clone.ok('snapshot', 'trust')).toContain('You trust:   the one that is here');
  await clone.ok('snapshot', 'log', '--verify');
  // What was said of the place would go on counting.
  clone.git('update-ref', '-d', 'refs/snapshot-policy/current');
  await clone.ok('snapshot', 'trust', 'pin', wrong);
  clone.pull(ada);
  expect(await clone.ok('snapshot', 'trust', 'pin', digest)).toContain('You trust:   the one that is here');
});

test('a machine that only has the digest in its environment is told so', async () => {
  const { ada, digest } = await owner();
  const clone = await person('ben');
  clone.pull(ada);
  const env = { GIT_SNAPSHOT_TRUST_ROOT: digest };
  await clone.expect(0, ['snapshot', 'log', '--verify'], { env });
  expect((await clone.expect(0, ['snapshot', 'trust'], { env })).stdout).toContain('the one that is here');
  await clone.expect(6, ['snapshot', 'log', '--verify']);
});

test('a repository without a policy, and one of somebody else, are told of', async () => {
  const { ada, digest } = await owner();
  const { ada: other } = await owner();
  const clone = await person('ben');
  expect((await clone.expect(3, ['snapshot', 'trust'])).stderr).toContain('has no snapshot policy');
  clone.pull(ada);
  await clone.ok('snapshot', 'trust', 'pin', digest);
  clone.pull(other);
  expect((await clone.expect(6, ['snapshot', 'status'])).stderr).toContain('of another repository than before');
});

test('to accept what is here does not pin anything', async () => {
  const { ada } = await owner();
  const clone = await person('ben');
  clone.pull(ada);
  expect(await clone.json('snapshot', 'trust', 'accept', '--yes')).toMatchObject({ root: { pinned: null } });
  await clone.expect(6, ['snapshot', 'status']);
});

test('before what was seen is forgotten, it is shown, and asked about', async () => {
  const { ada, digest } = await owner();
  await ada.ok('snapshot', 'log', '--verify');
  const refused = await ada.expect(2, ['snapshot', 'trust', 'accept']);
  expect(refused.stderr).toContain('cannot ask for confirmation');
  expect(await ada.json('snapshot', 'trust')).toMatchObject({ seen: { event: 1 }, log: { event: 1 } });

  const status = {
    repository: '0'.repeat(64),
    root: { found: digest, pinned: digest },
    policy: { version: 2, digest },
    log: { event: 38 },
    seen: { policyVersion: 3, event: 41 },
  };
  let isAccepted = false;
  const accept: App['trust']['accept'] = async ({ confirm }) => {
    await confirm?.(status);
    isAccepted = true;
    return status;
  };
  const { app } = fakeApp();
  const asked = { ...app, trust: { ...app.trust, accept } };
  const { code, stderr } = await runCli(['trust', 'accept'], { app: asked, columns: 80, input: 'n\n' });
  expect(stderr).toMatch(/^Seen before: +policy version 3, event 41\nHere now: +policy version 2, event 38\n/);
  expect(stderr).toContain('take what is here? [y/N]');
  expect([code, isAccepted]).toEqual([1, false]);
  expect((await runCli(['trust', 'accept', '-y'], { app: asked })).code).toBe(0);
  expect(isAccepted).toBe(true);
});

test('who fetched with the digest in the environment, and has it there no more, is told what to type', async () => {
  const { ada, digest } = await owner();
  const clone = await person('ben');
  await clone.expect(0, ['snapshot', 'fetch', ada.dir], { env: { GIT_SNAPSHOT_TRUST_ROOT: digest } });
  const { stderr } = await clone.expect(6, ['snapshot', 'status']);
  expect(stderr).toContain('nothing says any more that you trust the policy of this repository');
  const command = /once for all: git (.*)$/m.exec(stderr)?.[1] ?? '';
  expect(command).toBe(`snapshot trust pin ${digest}`);
  await clone.ok(...command.split(' '));
  expect((await clone.run(['snapshot', 'status'])).code).not.toBe(6);
});
