import { expect, test } from 'vitest';
import { parsePushReport } from '../../../src/git/remote/push-report.ts';

const A = 'refs/snapshots/a/1';
const LOG = 'refs/notes/snapshots';

/** What git prints of an atomic push of two refs whose transaction failed. */
const NOT_COMMITTED = [LOG, A]
  .map((ref) => `!\t${'1'.repeat(40)}:${ref}\t[remote rejected] (atomic transaction failed)\n`)
  .join('');

const outcomes = (stdout: string, ...said: string[]) =>
  [...parsePushReport(stdout, said).values()].map(({ ref, status, reason }) => [ref, status, reason]);

test.each([
  ['is at 1111 but expected 2222', 'stale'],
  ['reference already exists', 'stale'],
  ["unable to resolve reference 'refs/snapshots/a/1'", 'stale'],
  ["Unable to create '/srv/a.git/./refs/snapshots/a/1.lock': No space left on device.", 'failed'],
  ["Unable to create '/srv/a.git/./refs/snapshots/a/1.lock': Permission denied.", 'failed'],
])('a ref that cannot be locked there, since it %s, is %s', (reason, status) => {
  expect(outcomes(NOT_COMMITTED, `error: cannot lock ref '${A}': ${reason}`)).toEqual([
    [LOG, 'held-back', 'atomic transaction failed'],
    [A, status, reason],
  ]);
});

test('a lock that somebody has there is named, of a ref and of packed refs', () => {
  const ofRef = '/srv/a.git/./refs/snapshots/a/1.lock';
  const said = ['', 'Another git process seems to be running in this repository, e.g.'];
  expect(
    outcomes(NOT_COMMITTED, `error: cannot lock ref '${A}': Unable to create '${ofRef}': File exists.`, ...said),
  ).toEqual([
    [LOG, 'held-back', 'atomic transaction failed'],
    [A, 'locked', ofRef],
  ]);
  const ofAll = '/srv/a.git/packed-refs.lock';
  expect(outcomes(NOT_COMMITTED, `error: Unable to create '${ofAll}': File exists.`, ...said)).toEqual([
    [LOG, 'locked', ofAll],
    [A, 'held-back', 'atomic transaction failed'],
  ]);
});

test.each([
  `error: cannot update ref '${A}': couldn't write '/srv/a.git/./refs/snapshots/a/1.lock'`,
  `error: cannot update ref '${A}': couldn't set '${A}'`,
  `error: cannot update the ref '${A}': unable to append to '/srv/a.git/logs/${A}': No space left on device`,
])('a ref that cannot be written there has failed: %s', (line) => {
  expect(outcomes(NOT_COMMITTED, line)).toEqual([
    [LOG, 'held-back', 'atomic transaction failed'],
    [A, 'failed', line.split("': ").slice(1).join("': ")],
  ]);
});

test('objects that cannot be written there have failed, and so has a transaction without a word', () => {
  const unpacker = NOT_COMMITTED.replaceAll('atomic transaction failed', 'unpacker error');
  expect(outcomes(unpacker)).toEqual([
    [LOG, 'failed', 'unpacker error'],
    [A, 'failed', 'unpacker error'],
  ]);
  expect(outcomes(NOT_COMMITTED, 'something else')).toEqual([
    [LOG, 'failed', 'atomic transaction failed'],
    [A, 'held-back', 'atomic transaction failed'],
  ]);
});

test('a hook that says no refuses, whatever it prints', () => {
  const declined = NOT_COMMITTED.replaceAll('atomic transaction failed', 'pre-receive hook declined');
  const said = [
    "error: Unable to create '/srv/x.lock': File exists.",
    `error: cannot lock ref '${A}': is at 1`,
    'error: no',
  ];
  expect(outcomes(declined, ...said)).toEqual([
    [LOG, 'refused', 'pre-receive hook declined'],
    [A, 'refused', 'pre-receive hook declined'],
  ]);
});
