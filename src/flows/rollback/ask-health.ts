import { durationSec } from '../../core/policy/duration-schema.ts';
import type { HealthCheck } from '../../core/policy/recovery-schema.ts';
import type { Progress } from '../../core/ports.ts';
import type { Context, GovernedSet } from '../context.ts';
import type { HealthOutcome } from '../results.ts';

const DEFAULT_TIMEOUT_SEC = 30;
const TICK_MS = 250;

/** Asks a program whether all is well with a set's directory, until it is content or has been asked often enough. */
export async function askHealth(
  ctx: Context,
  { set, check }: { readonly set: GovernedSet; readonly check: HealthCheck },
): Promise<HealthOutcome> {
  const { argv, environment = [], attempts = 1, timeout: timeoutSec = DEFAULT_TIMEOUT_SEC } = check;
  const settleSec = check.settle === undefined ? 0 : durationSec(check.settle);
  const programs = await ctx.programs(set);
  const progress = ctx.report.phase('Checking health');
  const startedMs = ctx.nowMs();
  const longestMs = attempts * (settleSec + timeoutSec) * 1000;
  // Short of the end, which the bar is taken away at.
  const tick = () => progress(Math.min(ctx.nowMs() - startedMs, longestMs - 1), longestMs);
  for (let attempt = 1; ; attempt++) {
    if (settleSec > 0) await whileTicking(ctx, tick, ctx.sleep(settleSec * 1000));
    const { ok, how, lines } = await whileTicking(ctx, tick, programs.run({ argv, environment, timeoutSec }));
    if (!ok && attempt < attempts) continue;
    finish(progress, longestMs);
    return { verdict: ok ? 'pass' : 'fail', attempts: attempt, detail: how, lines };
  }
}

function finish(progress: Progress, total: number): void {
  progress(total, total);
}

/** Waits for work that does not tell how far it is, and shows that time passes. */
async function whileTicking<Result>(
  { sleep }: Pick<Context, 'sleep'>,
  tick: () => void,
  work: Promise<Result>,
): Promise<Result> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  const ended = work.then(over, over);
  while (!isOver) {
    tick();
    await Promise.race([ended, sleep(TICK_MS)]);
  }
  return work;
}
