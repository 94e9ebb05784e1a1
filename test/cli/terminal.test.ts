import { describe, expect, test } from 'vitest';
import { textWidth } from '../../src/cli/render/text-width.ts';
import { hasUnsafeCharacters } from '../../src/core/byte-string.ts';
import { SnapshotError } from '../../src/core/errors.ts';
import type { LockHolder } from '../../src/core/rollback/lock-holder.ts';
import { fakeApp, fakeChange, fakeRollback, fakeSnapshot, NOW_SEC } from '../support/fake-app.ts';
import { runCli } from '../support/run-cli.ts';

/** Whether nothing but line feeds and tabs could move a cursor or mislead a reader. */
function isSafe(text: string): boolean {
  return text.split(/[\n\t]/).every((part) => !hasUnsafeCharacters(part));
}

const EVIL = '\u001b]0;x\u0007\u202egnp.\u200b';

describe('list', () => {
  const snapshots = [
    fakeSnapshot({ message: '日本語のメッセージ', labels: [{ key: 'build', value: '4711' }] }),
    fakeSnapshot({
      id: '20261101T000000Z-aaaaaaaaaaaa',
      files: 7,
      bytes: 812,
      takenAtSec: NOW_SEC - 21 * 86_400,
      message: 'x'.repeat(100),
    }),
  ];
  const { app } = fakeApp({ list: async () => snapshots });

  test('fits a terminal of 80 columns', async () => {
    const { stdout } = await runCli(['list', '--no-color'], { app, columns: 80 });
    expect(stdout).toBe(
      [
        'SNAPSHOT                       AGE          FILES      SIZE  MESSAGE',
        '20261122T090000Z-0123456789ab  3 hours ago  1,204  12.3 MiB  日本語のメッセージ …',
        '20261101T000000Z-aaaaaaaaaaaa  3 weeks ago      7     812 B  xxxxxxxxxxxxxxxxxx…',
        '',
      ].join('\n'),
    );
    for (const line of stdout.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(80);
  });

  test('cuts nothing where it goes to a file', async () => {
    const { stdout } = await runCli(['list'], { app });
    expect(stdout).toContain('2026-11-22 09:00  3 hours ago  1,204  12.3 MiB  日本語のメッセージ [build=4711]\n');
    expect(stdout).toContain('x'.repeat(100));
  });

  test('names the set that has none, and refuses a name that no set can have', async () => {
    const { app: none } = fakeApp({ list: async () => [] });
    const said = async (...argv: string[]) => (await runCli(['list', ...argv], { app: none })).stderr;
    expect(await said('--set', 'nosuch')).toBe("no snapshots of the set 'nosuch'\n");
    expect(await said('--set', 'nosuch', '-l', 'a=b')).toBe("no such snapshots of the set 'nosuch'\n");
    expect(await runCli(['list', '--set', '../x'], { app: none })).toMatchObject({ code: 2 });
  });

  test('names the set where there are many, says so where there is none', async () => {
    const many = fakeApp({ list: async () => [fakeSnapshot(), fakeSnapshot({ set: 'models' })] });
    expect((await runCli(['list'], { app: many.app })).stdout).toContain('models/20261122T090000Z-0123456789ab');
    const none = fakeApp({ list: async () => [] });
    expect(await runCli(['list'], { app: none.app })).toMatchObject({ code: 0, stdout: '', stderr: 'no snapshots\n' });
  });
});

test('log says once of what type an event is, and more only where that tells more', async () => {
  const { app } = fakeApp();
  const [taken] = await app.log({} as never);
  if (taken === undefined) throw new Error('the fake has an event');
  const rolledBack = { ...taken, seq: 2, type: 'rollback' };
  const log = async () => [
    { ...rolledBack, summary: 'restore: artifacts to x' },
    { ...rolledBack, summary: 'rollback: artifacts to y: why', voided: 'its key was lost' },
    taken,
  ];
  const { stdout } = await runCli(['log'], { app: { ...app, log } });
  expect(stdout.match(/(?<=Ada Example {2}).*/g)).toEqual([
    'restore: artifacts to x',
    '(does not count) artifacts to y: why',
    'artifacts/20261122T090000Z-0123456789ab: Nightly build',
  ]);
});

describe('status', () => {
  const info = fakeSnapshot();
  const usual = {
    set: 'artifacts',
    path: 'artifacts',
    snapshot: info,
    exists: true,
    clean: true,
    unfit: [],
    changes: [],
    rollback: undefined,
    busy: undefined,
  };

  test('says what changed and what to type', async () => {
    const changes = [
      fakeChange('A', 'new.bin'),
      fakeChange('M', 'a.json'),
      fakeChange('D', 'old'),
      fakeChange('P', 'run.sh'),
    ];
    const { app } = fakeApp({ status: async () => ({ ...usual, clean: false, unfit: [], changes }) });
    expect((await runCli(['status'], { app })).stdout).toBe(`Set artifacts (artifacts/)
On snapshot 20261122T090000Z-0123456789ab, taken 3 hours ago: Nightly build

Changes since then:
  (use "git snapshot" to take a snapshot of them)
  (use "git snapshot restore 20261122T090000Z-0123456789ab" to discard them)
        added:        new.bin
        modified:     a.json
        deleted:      old
        mode changed: run.sh (mode 644 -> 755)
`);
  });

  test('says that the directory is not there, instead of a list of all that was in it', async () => {
    const changes = [fakeChange('D', 'old'), fakeChange('D', 'older')];
    const said = async (status: object) => {
      const { app } = fakeApp({
        status: async () => ({ ...usual, exists: false, clean: false, unfit: [], ...status }),
      });
      return runCli(['status'], { app });
    };
    const { code, stdout } = await said({ changes });
    expect(code).toBe(1);
    expect(stdout).toBe(`Set artifacts (artifacts/)
Should be snapshot 20261122T090000Z-0123456789ab, taken 3 hours ago: Nightly build

the directory artifacts/ is not here
  (use "git snapshot restore 20261122T090000Z-0123456789ab" to bring it)
`);
    expect((await said({ snapshot: undefined })).stdout).toBe(`Set artifacts (artifacts/)
No snapshot yet

the directory artifacts/ is not here (make it, then use "git snapshot" to take the first snapshot)
`);
  });

  test('names an unfinished rollback', async () => {
    const rollback = { set: 'artifacts', from: info.id, to: info.id, startedAtSec: NOW_SEC - 300, heldBy: undefined };
    const { app } = fakeApp({ status: async () => ({ ...usual, rollback }) });
    const { code, stdout } = await runCli(['status'], { app });
    expect(code).toBe(9);
    expect(stdout).toContain('is unfinished (begun 5 minutes ago).\n  (use "git rollback --continue" to finish it)');
  });

  test('says who is at a rollback that is running', async () => {
    const rollback = { set: 'artifacts', from: info.id, to: info.id, startedAtSec: NOW_SEC - 300 };
    const said = async (heldBy: LockHolder) => {
      const { app } = fakeApp({ status: async () => ({ ...usual, rollback: { ...rollback, heldBy } }) });
      const { code, stdout } = await runCli(['status'], { app });
      expect(code).toBe(9);
      expect(stdout).not.toContain('--abort');
      return stdout;
    };
    const lockFile = '/repo/.git/snapshot/artifacts.lock';
    expect(await said({ pid: 17, host: undefined, isCertain: true, lockFile })).toContain(
      ' is running (pid 17, begun 5 minutes ago).\n  Wait until it is done.\n',
    );
    // Of another machine nobody knows here.
    expect(await said({ pid: 17, host: 'b\u001b3', isCertain: false, lockFile })).toContain(
      ` may be running (pid 17 on host 'b\\u{1b}3', begun 5 minutes ago).\n  Wait until it is done. If you are certain that it is gone, remove '${lockFile}'.\n`,
    );
  });

  test('--abort tells what is there again, and not what was done before it', async () => {
    const { app } = fakeApp({
      abortRollback: async () => fakeRollback({ outcome: 'reverted', backup: info.id, to: 'x' }),
    });
    const { code, stdout } = await runCli(['rollback', '--abort'], { app });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(
        `^artifacts is again as it was before the rollback to x \\([0-9.]+ m?s\\)\n that is the snapshot ${info.id}\n$`,
      ),
    );
  });

  test('lists a few of many', async () => {
    const changes = Array.from({ length: 2000 }, (_, i) => fakeChange('M', `f${i}`));
    const { app } = fakeApp({ status: async () => ({ ...usual, clean: false, unfit: [], changes }) });
    const { stdout } = await runCli(['status'], { app });
    expect(stdout.split('\n').length).toBeLessThan(45);
    expect(stdout).toMatch(/… and 1,970 more \(-v shows all\)\n\n2,000 paths changed: 2,000 modified\n$/);
    expect((await runCli(['status', '-v'], { app })).stdout).toContain('f1999');
  });
});

describe('what a repository says never reaches a terminal unescaped', () => {
  const info = fakeSnapshot({
    message: EVIL,
    body: `${EVIL}\n${EVIL}`,
    tagger: { name: EVIL, email: EVIL },
    labels: [{ key: 'k', value: EVIL }],
    context: [{ name: 'Host', value: EVIL }],
    path: '\u001bx',
  });
  const change = fakeChange('M', '\u001b\u00ff');
  const { app } = fakeApp({
    status: async () => ({
      set: 'a',
      path: '\u001b',
      snapshot: info,
      exists: true,
      clean: false,
      unfit: [],
      changes: [change],
      rollback: undefined,
      busy: undefined,
    }),
    list: async () => [info],
    show: async () => ({ ...info, kinds: [], changes: undefined }),
    diff: async () => ({ from: info, to: info, changes: [change, fakeChange('A', 'new')] }),
    create: async () => ({
      outcome: 'dry-run',
      snapshot: undefined,
      changes: [change],
      kinds: [{ kind: EVIL, files: 1, bytes: 1 }],
      files: 1,
      bytes: 1,
      gates: [],
      gatesNotRun: [],
      excluded: [{ path: '\u001b', directory: false, pattern: EVIL, source: '\u001b' }],
    }),
    manifest: async () => ({
      info,
      entries: [{ path: '\u001b', mode: 0o100644, oid: info.tree, sha256: '1'.repeat(64), size: 1 }],
    }),
    verify: async () => ({
      ok: false,
      results: [{ set: 'a', id: info.id, ok: false, checks: [{ check: EVIL, ok: false, detail: EVIL }] }],
    }),
    log: async () => [
      {
        seq: 1,
        commit: info.tag,
        type: EVIL,
        atSec: 0,
        actor: EVIL,
        key: 'k',
        set: 'a',
        snapshot: info.id,
        summary: EVIL,
        voided: undefined,
        event: {},
      },
    ],
    restore: async () =>
      fakeRollback({
        paths: [change],
        rescued: [{ path: '\u001b', keptAs: '/\u001b', programs: ['\u001b'] }],
        changedAfter: { paths: ['\u001b'], programs: ['\u001b'] },
        appeared: ['\u001b'],
      }),
    blob: async (oid) => (oid.startsWith('1') ? '' : `${EVIL}\u001b[2J\u009b\n`),
  });
  test.each([
    ['status'],
    ['list'],
    ['show'],
    ['diff'],
    ['diff --stat'],
    ['diff -p a b'],
    ['create -n'],
    ['manifest'],
    ['verify'],
    ['log'],
    ['restore x -yv'],
  ])('%s', async (line) => {
    const { stdout, stderr } = await runCli([...line.split(' '), '--no-color'], { app, columns: 80 });
    expect(stdout).not.toBe('');
    expect(isSafe(stdout + stderr)).toBe(true);
  });

  test('an error', async () => {
    const failing = fakeApp({
      show: async () => {
        throw new SnapshotError('not-found', `no '${EVIL}'`, { hint: EVIL, cause: new Error(EVIL) });
      },
    });
    const { stderr } = await runCli(['show', '-v'], { app: failing.app, columns: 80 });
    expect(stderr).toContain('caused by: ');
    expect(isSafe(stderr)).toBe(true);
  });
});

describe('colour', () => {
  const { app } = fakeApp();
  test('only on a terminal that wants it', async () => {
    const coloured = async (argv: string[], options: object) =>
      (await runCli(argv, { app, ...options })).stdout.includes('\u001b[');
    expect(await coloured(['list'], { columns: 80 })).toBe(true);
    expect(await coloured(['list'], {})).toBe(false);
    expect(await coloured(['list', '--no-color'], { columns: 80 })).toBe(false);
    expect(await coloured(['list'], { columns: 80, env: { NO_COLOR: '1' } })).toBe(false);
    expect(await coloured(['list'], { columns: 80, env: { TERM: 'dumb' } })).toBe(false);
  });
});
