import { describe, expect, test } from 'vitest';
import { SnapshotError } from '../../src/core/errors.ts';
import { fakeApp, fakeChange, fakeRollback } from '../support/fake-app.ts';
import { runCli } from '../support/run-cli.ts';

describe('confirmation', () => {
  const ask = {
    restore: async (options: { confirm: unknown }) => {
      if (typeof options.confirm === 'function') await options.confirm(fakeRollback({ outcome: 'planned' }));
      return fakeRollback();
    },
  };

  test('shows the plan, and takes yes', async () => {
    const { code, stderr } = await runCli(['restore', 'x'], { app: fakeApp(ask).app, columns: 80, input: 'y\n' });
    expect(code).toBe(0);
    expect(stderr).toContain(
      'would put artifacts from 20261122T110000Z-ba9876543210 to 20261122T090000Z-0123456789ab\n',
    );
    expect(stderr).toContain('Go ahead? [y/N] ');
  });

  test('lists a few of many paths, and with -v all', async () => {
    const paths = Array.from({ length: 50 }, (_, i) => fakeChange('M', `f${i}`));
    const { app } = fakeApp({
      restore: async ({ confirm }: { confirm?: unknown }) => {
        if (typeof confirm === 'function') await confirm(fakeRollback({ outcome: 'planned', paths }));
        return fakeRollback();
      },
    });
    const asked = async (...more: string[]) =>
      (await runCli(['restore', 'x', ...more], { app, columns: 80, input: 'y\n' })).stderr;
    expect(await asked()).toContain('f11\n        … and 38 more (-v shows all)\n');
    expect(await asked('-v')).toContain('f49\n');
  });

  test('takes anything else for no', async () => {
    for (const input of ['n\n', '\n', 'yep\n']) {
      const result = await runCli(['restore', 'x'], { app: fakeApp(ask).app, columns: 80, input });
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toContain('error: not confirmed, nothing was changed\n');
    }
  });

  test('is never asked where nobody is, and refused only when its turn comes', async () => {
    const { app } = fakeApp(ask);
    const { code, stderr } = await runCli(['restore', 'x'], { app, input: 'y\n' });
    expect(code).toBe(2);
    expect(stderr).toContain('hint: Pass --yes');
    const { app: without } = fakeApp({
      restore: async () => {
        throw new SnapshotError('not-found', "no snapshot 'x'");
      },
    });
    expect(await runCli(['restore', 'x'], { app: without })).toMatchObject({
      code: 4,
      stderr: "error: no snapshot 'x'\n",
    });
  });
});

describe('of some paths only', () => {
  const answers = {
    rollback: async ({ dryRun }: { dryRun: boolean }) => fakeRollback(dryRun ? { outcome: 'planned' } : {}),
    restore: async () => fakeRollback({ outcome: 'nothing-to-do', paths: [] }),
  };
  test('nothing is claimed of the others', async () => {
    const { app } = fakeApp(answers);
    const first = async (...argv: string[]) => (await runCli(argv, { app })).stdout.split('\n')[0];
    expect(await first('rollback', '-y', '--path', 'a')).toBe(
      '3 paths of artifacts put back to 20261122T090000Z-0123456789ab (340 ms)',
    );
    expect(await first('rollback', '-n', '--path', 'a')).toBe(
      'would put 3 paths of artifacts back to 20261122T090000Z-0123456789ab',
    );
    expect(await first('restore', 'x', '-y', '--path', 'a')).toBe(
      'nothing to do: these paths of artifacts are as in 20261122T090000Z-0123456789ab',
    );
    expect(await first('rollback', '-y')).toContain('artifacts is now at ');
  });
});

test('a bug is shown with its stack, and ends with 70', async () => {
  const { app } = fakeApp({
    show: async () => {
      throw new TypeError('x is not a function');
    },
  });
  const { code, stderr } = await runCli(['show'], { app });
  expect(code).toBe(70);
  expect(stderr).toMatch(
    /^error: a bug in git-snapshot .*: x is not a function\nTypeError: x is not a function\n {4}at [\s\S]*\nhint: Please report this/,
  );
});
