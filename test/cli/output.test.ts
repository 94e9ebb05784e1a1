import { describe, expect, test } from 'vitest';
import { SnapshotError } from '../../src/core/errors.ts';
import { fakeApp, fakeChange, fakeSnapshot } from '../support/fake-app.ts';
import { runCli } from '../support/run-cli.ts';

const ID = fakeSnapshot().id;

describe('hints', () => {
  const { app } = fakeApp({
    show: async () => {
      throw new SnapshotError('not-found', 'nothing there');
    },
  });
  const run = (argv: readonly string[]) =>
    runCli(argv, {
      openApp: async (_io, { advise, note }) => {
        advise('push it');
        note('by the way');
        return app;
      },
    });

  test('come after the result, and after what is told beside it', async () => {
    expect((await run(['list'])).shown).toMatch(/^by the way\nSNAPSHOT .*\nhint: push it\n$/s);
    expect((await run(['list', '--json'])).shown).toMatch(/^\[.*\]\nby the way\nhint: push it\n$/);
    expect((await run(['list', '--quiet'])).stderr).toBe('');
  });

  test('are not lost with an error', async () => {
    expect((await run(['show'])).stderr).toBe('by the way\nhint: push it\nerror: nothing there\n');
    const { error } = JSON.parse((await run(['show', '--json'])).stderr);
    expect(error).toMatchObject({ message: 'nothing there', notes: ['by the way', 'hint: push it'] });
  });
});

describe('diff --patch', () => {
  test('prints patches of what is text, from the directory and from the repository', async () => {
    const { app } = fakeApp();
    const { stdout } = await runCli(['diff', '-p'], { app });
    expect(stdout).toContain('--- a/a.json\n+++ b/a.json\n@@ -1,1 +1,1 @@\n-old\n+new\n');
    expect(stdout).toContain('new file mode 100644\n--- /dev/null\n+++ b/new.bin\n');
    expect(stdout).toContain('diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n');
  });

  test('says only that large files and binary ones differ', async () => {
    const { app, calls } = fakeApp({
      diff: async () => ({
        from: fakeSnapshot(),
        to: fakeSnapshot(),
        changes: [fakeChange('M', 'big', { to: 1 << 30 }), fakeChange('M', 'bin')],
      }),
      blob: async () => '\0',
    });
    const { stdout } = await runCli(['diff', 'a', 'b', '-p'], { app });
    expect(stdout.match(/^Binary files .*$/gm)).toEqual([
      'Binary files a/big and b/big differ',
      'Binary files a/bin and b/bin differ',
    ]);
    expect(calls.filter(([name]) => name === 'blob')).toHaveLength(3);
  });
});

describe('manifest --format sha256sum', () => {
  test('keeps the bytes of names, and escapes as sha256sum does', async () => {
    const entry = { mode: 0o100644, oid: fakeSnapshot().tree, sha256: '1'.repeat(64), size: 1 };
    const { app } = fakeApp({
      manifest: async () => ({
        info: fakeSnapshot(),
        entries: [
          { ...entry, path: '\u00ff' },
          { ...entry, path: 'a\nb\\' },
          { ...entry, path: 'l', mode: 0o120000 },
        ],
      }),
    });
    const { stdoutBytes } = await runCli(['manifest', '--format', 'sha256sum'], { app });
    expect(stdoutBytes).toBe(`${'1'.repeat(64)}  \u00ff\n\\${'1'.repeat(64)}  a\\nb\\\\\n`);
  });
});

describe('completion', () => {
  test('lists ids and sets for the scripts', async () => {
    const { app } = fakeApp({ list: async () => [fakeSnapshot(), fakeSnapshot({ set: 'models' })] });
    expect(await runCli(['completion', '--list-snapshots'], { app })).toMatchObject({ stdout: `${ID}\n${ID}\n` });
    expect(await runCli(['completion', '--list-sets'], { app })).toMatchObject({ stdout: 'artifacts\nmodels\n' });
    expect(await runCli(['completion'], { app })).toMatchObject({ code: 2 });
  });
});
