import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/cli/app/app.ts';
import { DOCUMENTS, ErrorDocument } from '../../src/cli/schemas/documents.ts';
import { SnapshotError } from '../../src/core/errors.ts';
import { fakeApp, fakeChange, fakeRollback, fakeSnapshot, NOW_SEC } from '../support/fake-app.ts';
import { runCli } from '../support/run-cli.ts';
import { tempDir } from '../support/temp-repo.ts';

const ID = fakeSnapshot().id;

describe('what a command asks for', () => {
  const nothing = { set: undefined };
  const change = { ...nothing, message: undefined, dryRun: false, confirm: undefined };
  test.each<[line: string[], method: keyof App, options: object]>([
    [
      ['init', '--path', 'out', '--key', 'gpg'],
      'init',
      { sets: [{ set: 'artifacts', path: 'out' }], key: 'gpg', passphrase: false },
    ],
    [
      ['init', '--set', 'a=x/y', '--set', 'b=z=1', '--no-passphrase'],
      'init',
      {
        sets: [
          { set: 'a', path: 'x/y' },
          { set: 'b', path: 'z=1' },
        ],
        passphrase: false,
      },
    ],
    [
      ['-m', 'one', '-m', 'two', '-l', 'k=v=w'],
      'create',
      { ...nothing, message: 'one\n\ntwo', labels: [{ key: 'k', value: 'v=w' }], force: false, dryRun: false },
    ],
    [
      ['create', '--set', 'models', '-n', '--force'],
      'create',
      { set: 'models', message: undefined, labels: [], force: true, dryRun: true },
    ],
    [
      ['list', '-n', '3', '--since', '1d'],
      'summarize',
      { ...nothing, limit: 3, labels: [], sinceSec: NOW_SEC - 86_400 },
    ],
    [['list', '--json'], 'list', { ...nothing, limit: undefined, labels: [], sinceSec: undefined }],
    [['show'], 'show', { ...nothing, snapshot: 'current' }],
    [['manifest', 'a'], 'manifest', { ...nothing, snapshot: 'a' }],
    [['diff'], 'diff', { ...nothing, from: 'current', to: undefined, paths: [] }],
    [['diff', 'a', 'b', '--path', './é/x/'], 'diff', { ...nothing, from: 'a', to: 'b', paths: ['\u00c3\u00a9/x'] }],
    [['verify'], 'verify', { ...nothing, snapshots: ['current'], all: false, quick: false }],
    [['verify', '--all', '--quick'], 'verify', { ...nothing, snapshots: [], all: true, quick: true }],
    [['status'], 'status', nothing],
    [
      ['log', '--type', 'policy', '--type', 'rollback', '--snapshot', 's'],
      'log',
      { ...nothing, limit: undefined, types: ['policy', 'rollback'], sinceSec: undefined, snapshot: 's' },
    ],
    [['restore', 'a', '-y', '--path', 'p'], 'restore', { ...change, snapshot: 'a', paths: ['p'] }],
    [
      ['rollback', '-y', '-m', 'why'],
      'rollback',
      { ...change, message: 'why', snapshot: undefined, steps: undefined, paths: [] },
    ],
    [
      ['rollback', '-n', '--steps', '2'],
      'rollback',
      { ...change, dryRun: true, snapshot: undefined, steps: 2, paths: [] },
    ],
    [['rollback', '--continue'], 'continueRollback', nothing],
    [['rollback', '--abort', '--set', 'x'], 'abortRollback', { set: 'x' }],
    [['rollback', '--undo', '--yes'], 'undoRollback', change],
  ])('%j', async (argv, method, options) => {
    const { app, calls } = fakeApp();
    const { code, stderr } = await runCli([...argv, '-q'], { app });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(calls[0]).toEqual([method, expect.objectContaining(options)]);
    expect(calls.at(-1)?.[0]).toBe('close');
  });

  test('a message is read from a file, and from standard input', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'msg'), 'from a file\n');
    const { app, calls } = fakeApp();
    await runCli(['-C', dir, '-F', 'msg'], { app });
    await runCli(['-F', '-'], { app, input: 'from a pipe\n' });
    const messages = calls.filter(([name]) => name === 'create').map(([, options]) => options);
    expect(messages).toMatchObject([{ message: 'from a file\n' }, { message: 'from a pipe\n' }]);
    expect(await runCli(['-C', dir, '-F', '.'], { app })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("cannot read the message from '.': it is a directory\nhint: "),
    });
    const large = "error: cannot read the message from '/dev/zero': it is larger than 1 MiB\n";
    expect(await runCli(['-F', '/dev/zero'], { app })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(large),
    });
    expect(await runCli(['-F', '-'], { app, input: 'x'.repeat((1 << 20) + 1) })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(large.replace('/dev/zero', '-')),
    });
    expect(await runCli(['-C', dir, '-F', 'none'], { app })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("cannot read the message from 'none': no such file or directory\nhint: "),
    });
  });
});

test('log refuses a type that no event has', async () => {
  expect(await runCli(['log', '--type', 'foo'], { app: fakeApp().app })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      "option '--type' takes policy, snapshot, rollback, promotion, approval, repair, prune, undelete, hold, release, erase, rehearsal or resume, not 'foo'",
    ),
  });
});

describe('--json', () => {
  const odd = fakeSnapshot({
    path: 'caf\u00e9',
    message: '\u001b[31m\u202eevil',
    body: 'more\n',
    labels: [{ key: '__proto__', value: 'x' }],
    source: undefined,
    previous: `sha256:${'1'.repeat(64)}`,
  });
  const answers: Partial<App> = {
    status: async () => ({
      set: 'artifacts',
      path: 'artifacts',
      snapshot: odd,
      exists: true,
      clean: false,
      unfit: [],
      changes: [fakeChange('P', 'a'), fakeChange('D', '\u00ff')],
      busy: undefined,
      rollback: {
        set: 'artifacts',
        from: undefined,
        to: ID,
        startedAtSec: NOW_SEC,
        heldBy: { pid: 17, host: 'build-3', isCertain: false, lockFile: '/repo/.git/snapshot/artifacts.lock' },
      },
    }),
    show: async () => ({ ...odd, kinds: undefined, changes: undefined }),
  };
  test.each<[keyof typeof DOCUMENTS, string[], number]>([
    ['init', ['init'], 0],
    ['create', ['create'], 0],
    ['create', ['create', '-n'], 0],
    ['status', ['status'], 9],
    ['list', ['list'], 0],
    ['show', ['show'], 0],
    ['diff', ['diff'], 0],
    ['diff', ['diff', 'a', 'b'], 0],
    ['manifest', ['manifest'], 0],
    ['verify', ['verify'], 0],
    ['log', ['log'], 0],
    ['rollback', ['rollback', '-y'], 0],
    ['rollback', ['rollback', '-n'], 0],
    ['rollback', ['restore', 'a', '-y'], 0],
    ['export', ['export'], 0],
    ['import', ['import', 'a.bundle'], 0],
    ['import', ['import', 'a.bundle', '-n'], 0],
  ])('of %s is what its schema says: %j', async (name, argv, code) => {
    const { app } = fakeApp(answers);
    const result = await runCli([...argv, '--json'], { app });
    expect(result.code).toBe(code);
    expect(() => DOCUMENTS[name].parse(JSON.parse(result.stdout))).not.toThrow();
    expect(result.stdout.indexOf('\n')).toBe(result.stdout.length - 1);
    expect(result.stdout).not.toMatch(/[^\n -~]/);
  });

  test('gives hostile text unchanged, in escapes', async () => {
    const { stdout } = await runCli(['show', '--json'], { app: fakeApp(answers).app });
    expect(stdout).toContain('\\u001b[31m\\u202eevil');
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      message: '\u001b[31m\u202eevil',
      path: 'caf\ufffd',
      pathEncoded: 'caf%E9',
      takenAt: '2026-11-22T09:00:00Z',
    });
    expect(Object.getOwnPropertyDescriptor(document.labels, '__proto__')?.value).toBe('x');
  });

  test('errors are a document on standard error', async () => {
    const { app } = fakeApp({
      show: async () => {
        throw new SnapshotError('not-found', "no snapshot 'x'", { hint: 'List them.' });
      },
    });
    for (const [argv, exitCode, kind] of [
      [['show', 'x'], 4, 'not-found'],
      [['show', '--nope'], 2, 'usage'],
    ] as const) {
      const { code, stdout, stderr } = await runCli([...argv, '--json'], { app });
      expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
      expect(ErrorDocument.parse(JSON.parse(stderr)).error).toMatchObject({ kind, exitCode });
    }
  });
});

describe('exit codes', () => {
  test('1 where verification fails, the directory differs, or a rollback was reverted', async () => {
    const { app } = fakeApp({
      verify: async () => ({
        ok: false,
        results: [{ set: 'a', id: ID, ok: false, checks: [{ check: 'content', ok: false, detail: 'x' }] }],
      }),
      status: async () => ({
        set: 'a',
        path: 'a',
        snapshot: fakeSnapshot(),
        exists: true,
        clean: false,
        unfit: [],
        changes: [fakeChange('A', 'x')],
        rollback: undefined,
        busy: undefined,
      }),
      rollback: async () => fakeRollback({ outcome: 'reverted' }),
    });
    for (const argv of [['verify'], ['status'], ['rollback', '-y']])
      expect(await runCli(argv, { app })).toMatchObject({ code: 1 });
    expect(await runCli(['rollback', '--abort'], { app })).toMatchObject({ code: 0 });
  });

  test('a repository that cannot be opened is reported once', async () => {
    const result = await runCli(['show'], {
      openApp: async () => {
        throw new SnapshotError('config', 'not a git repository');
      },
    });
    expect(result).toMatchObject({ code: 3, stderr: 'error: not a git repository\n' });
  });
});
