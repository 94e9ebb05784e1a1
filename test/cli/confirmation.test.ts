import { describe, expect, test } from 'vitest';
import { fakeApp, fakeRollback } from '../support/fake-app.ts';
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

  test('takes anything else for no', async () => {
    for (const input of ['n\n', '\n', 'yep\n']) {
      const result = await runCli(['restore', 'x'], { app: fakeApp(ask).app, columns: 80, input });
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toContain('error: not confirmed, nothing was changed\n');
    }
  });

  test('is never asked where nobody is', async () => {
    const { app, calls } = fakeApp(ask);
    const { code, stderr } = await runCli(['restore', 'x'], { app, input: 'y\n' });
    expect(code).toBe(2);
    expect(stderr).toContain('hint: Pass --yes');
    expect(calls).toEqual([]);
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
