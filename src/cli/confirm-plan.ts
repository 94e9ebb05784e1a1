import { SnapshotError } from '../core/errors.ts';
import type { RollbackResult } from '../flows/results.ts';
import { DeclinedError } from './exit-codes.ts';
import type { CommandRun } from './handler.ts';
import { renderPlan } from './render/rollback.ts';
import { PLAIN } from './terminal/output.ts';

const MAX_PATHS = 12;

/**
 * Makes the question that stands between a plan and what it changes; undefined where none is to be asked. With
 * nobody to ask, it refuses when its turn comes, so that what else is wrong is told first.
 */
export function confirmPlan(
  { io, prompt }: CommandRun<unknown>,
  { yes, dryRun, partial }: { yes: boolean; dryRun: boolean; partial: boolean },
): ((plan: RollbackResult) => Promise<void>) | undefined {
  if (yes || dryRun) return undefined;
  return async (plan) => {
    if (!prompt.available) {
      throw new SnapshotError('usage', 'cannot ask for confirmation: not on a terminal', {
        hint: 'Pass --yes to go ahead without being asked, or --dry-run to see what would change.',
      });
    }
    // On standard error, beside the question.
    io.stderr.write(`${renderPlan(PLAIN, plan, { max: MAX_PATHS, partial }).join('\n')}\n`);
    if (!(await prompt.confirm('Go ahead?', '--yes'))) throw new DeclinedError();
  };
}
