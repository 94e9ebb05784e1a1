import { expect, test } from 'vitest';
import { DOCUMENTS } from '../../src/cli/schemas/documents.ts';
import type { ShareResult } from '../../src/flows/share/results.ts';
import { fakeApp } from '../support/fake-app.ts';
import { runCli } from '../support/run-cli.ts';

const exchanged: ShareResult = {
  remote: 'origin',
  dryRun: false,
  relation: 'diverged',
  ours: { before: { seq: 9, policyVersion: 2 }, after: { seq: 11, policyVersion: 3 } },
  theirs: { before: { seq: 10, policyVersion: 3 }, after: { seq: 11, policyVersion: 3 } },
  received: [
    { kind: 'snapshots', created: 2, moved: 0, deleted: 1 },
    { kind: 'trash', created: 1, moved: 0, deleted: 0 },
    { kind: 'proposals', created: 1, moved: 0, deleted: 0 },
  ],
  sent: [{ kind: 'approvals', created: 0, moved: 1, deleted: 0 }],
  rebased: [{ type: 'approval', description: 'approve: a/b/1', seqBefore: 8, seqAfter: 11, was: 'b/2', changed: true }],
  leftOut: [{ type: 'prune', description: 'prune: a: 1 to the trash', seq: 9, reason: 'it was removed already' }],
  keptBelow: 'refs/snapshot-dropped/20261122T120000Z-0123456789ab/',
};

/** The app whose exchanges end like this, and what they were asked. */
function sharing(result: ShareResult) {
  const asked: unknown[] = [];
  const { app } = fakeApp();
  const exchange = (verb: string) => async (options: object) => {
    asked.push([verb, options]);
    return result;
  };
  return { app: { ...app, share: { fetch: exchange('fetch'), push: exchange('push') } }, asked };
}

test.each(['fetch', 'push', 'sync'] as const)('%s prints a document that its schema describes', async (name) => {
  const { app } = sharing(exchanged);
  const { code, stdout } = await runCli([name, '--json'], { app });
  expect(code).toBe(0);
  expect(DOCUMENTS[name].parse(JSON.parse(stdout))).toMatchObject({ signedAgain: [{ seqAfter: 11 }] });
});

test('what was exchanged is told in lines', async () => {
  const { app, asked } = sharing(exchanged);
  const { stdout } = await runCli(['sync', 'origin', '--quick', '--drop', '7', '--drop', '8'], { app });
  expect(asked).toEqual([['push', { remote: 'origin', dryRun: false, quick: true, drop: [7, 8] }]]);
  expect(stdout).toMatchInlineSnapshot(`
    "origin: both sides had gone on; put together, and verified
     here:  event 9, policy version 2 → event 11, policy version 3
     there: event 10, policy version 3 → event 11, policy version 3
     came: 3 snapshots (2 new, 1 gone)
     came: 1 snapshot in the trash (1 new)
     came: 1 proposed policy (1 new)
     went: 1 approval (1 changed)
     signed again, on top of the remote's:
      8 → 11  approve: a/b/1 (was b/2)
     left out:
      9  prune: a: 1 to the trash: it was removed already
     what gave way is kept below refs/snapshot-dropped/20261122T120000Z-0123456789ab/
    "
  `);
  expect((await runCli(['sync', '-q'], { app })).stdout).toBe(
    '  9  prune: a: 1 to the trash: it was removed already\n',
  );
});

test('what would be exchanged', async () => {
  const { app } = sharing({ ...exchanged, dryRun: true, leftOut: [], keptBelow: undefined });
  expect((await runCli(['fetch', '-n'], { app })).stdout).toMatchInlineSnapshot(`
    "origin: both sides went on
     here:  event 9, policy version 2 → event 11, policy version 3
     there: event 10, policy version 3 → event 11, policy version 3
     would come: 3 snapshots (2 new, 1 gone)
     would come: 1 snapshot in the trash (1 new)
     would come: 1 proposed policy (1 new)
     would go: 1 approval (1 changed)
     to be signed again, on top of the remote's:
      8 → 11  approve: a/b/1 (was b/2)
    "
  `);
});

test('numbers of events', async () => {
  const { app } = sharing(exchanged);
  expect(await runCli(['sync', '--drop', 'x'], { app })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("'x' is not the number of an event"),
  });
});
