import { SnapshotError } from '../../core/errors.ts';
import type { EnvironmentRollback } from '../../flows/promotion/results.ts';
import type { RollbackResult } from '../../flows/results.ts';
import { DeclinedError } from '../exit-code-table.ts';
import type { CommandRun } from '../handler.ts';
import { renderPromote } from '../render/promotion.ts';
import { renderPlan } from '../render/rollback.ts';
import { type Output, PLAIN } from '../terminal/output.ts';

const MAX_PATHS = 12;

/**
 * Makes the question that stands between a plan and what it changes; undefined where none is to be asked. With
 * nobody to ask, it refuses when its turn comes, so that what else is wrong is told first.
 */
export function confirmPlan(
  { io, prompt, out }: CommandRun<unknown>,
  { yes, dryRun, partial }: { yes: boolean; dryRun: boolean; partial: boolean },
): ((plan: RollbackResult) => Promise<void>) | undefined {
  if (yes || dryRun) return undefined;
  return (plan) => goAhead({ io, prompt }, renderPlan(PLAIN, plan, { max: maxPaths(out, plan), partial }));
}

/** The same of a rollback of an environment: what becomes of the directory, and the promotion that says so. */
export function confirmEnvironmentRollback(
  { io, prompt, out }: CommandRun<unknown>,
  { yes, dryRun }: { yes: boolean; dryRun: boolean },
): ((plan: EnvironmentRollback) => Promise<void>) | undefined {
  if (yes || dryRun) return undefined;
  return ({ directory, promotion }) => {
    const changes =
      directory === undefined ? [] : renderPlan(PLAIN, directory, { max: maxPaths(out, directory), partial: false });
    return goAhead({ io, prompt }, [...changes, ...renderPromote(PLAIN, promotion, out.settings)]);
  };
}

function maxPaths({ settings }: Output, { paths }: RollbackResult): number {
  return settings.verbose ? paths.length : MAX_PATHS;
}

async function goAhead(
  { io, prompt }: Pick<CommandRun<unknown>, 'io' | 'prompt'>,
  lines: readonly string[],
): Promise<void> {
  if (!prompt.available) {
    throw new SnapshotError('usage', 'cannot ask for confirmation: not on a terminal', {
      hint: 'Pass --yes to go ahead without being asked, or --dry-run to see what would change.',
    });
  }
  // On standard error, beside the question.
  io.stderr.write(`${lines.join('\n')}\n`);
  if (!(await prompt.confirm('Go ahead?', '--yes'))) throw new DeclinedError();
}
