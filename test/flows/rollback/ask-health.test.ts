import { expect, it } from 'vitest';
import type { ProgramToRun } from '../../../src/core/programs.ts';
import { askHealth } from '../../../src/flows/rollback/ask-health.ts';

/** What happens, in order, when a program answers so. */
async function ask(answers: readonly boolean[], check: Partial<Parameters<typeof askHealth>[1]['check']>) {
  const done: string[] = [];
  const shown: [number, number][] = [];
  let nowMs = 0;
  const run = async ({ argv, environment, timeoutSec }: ProgramToRun) => {
    const ok = answers[done.filter((one) => one.startsWith('run')).length] ?? false;
    done.push(`run ${argv.join(' ')} (${environment.join()}) ${timeoutSec}`);
    return { ok, how: ok ? 'exit code 0' : 'exit code 3', lines: [String(done.length)] };
  };
  const ctx = {
    programs: async () => ({ run }),
    report: { phase: () => (part: number, total: number) => void shown.push([part, total]) },
    nowMs: () => nowMs,
    sleep: async (ms: number) => {
      // Shorter ones are the ticks of the bar.
      if (ms >= 1000) done.push(`sleep ${ms}`);
      nowMs += ms;
    },
  };
  const set = { name: 'artifacts', path: 'artifacts', exclude: [], releases: undefined };
  const outcome = await askHealth(ctx as never, { set, check: { argv: ['ask', 'it'], ...check } });
  return { done, outcome, shown };
}

it('asks once, at once, and for half a minute, unless the policy says otherwise', async () => {
  const { done, outcome } = await ask([true], {});
  expect(done).toEqual(['run ask it () 30']);
  expect(outcome).toEqual({ verdict: 'pass', attempts: 1, detail: 'exit code 0', lines: ['1'] });
});

it('waits before each attempt, and stops at the first that is content', async () => {
  const { done, outcome } = await ask([false, true, true], {
    settle: '2m',
    attempts: 5,
    timeout: 9,
    environment: ['A'],
  });
  const attempt = ['sleep 120000', 'run ask it (A) 9'];
  expect(done).toEqual([...attempt, ...attempt]);
  expect(outcome).toMatchObject({ verdict: 'pass', attempts: 2 });
});

it('takes the last word of as many attempts as there may be', async () => {
  const { done, outcome } = await ask([], { attempts: 3 });
  expect(done).toHaveLength(3);
  expect(outcome).toEqual({ verdict: 'fail', attempts: 3, detail: 'exit code 3', lines: ['3'] });
});

it('shows how much of the longest time has passed, and takes that away at the end', async () => {
  const { shown } = await ask([false, false], { settle: '10s', attempts: 2, timeout: 5 });
  expect(shown.slice(0, -1).every(([part, total]) => part < total && total === 30_000)).toBe(true);
  expect(shown.at(-1)).toEqual([30_000, 30_000]);
});
