import { SnapshotError } from '../core/errors.ts';
import type { RollbackResult } from '../flows/results.ts';
import { DeclinedError } from './exit-codes.ts';
import type { CommandRun } from './handler.ts';
import { renderPlan } from './render/rollback.ts';
import { PLAIN } from './terminal/output.ts';

const MAX_PATHS = 12;

/**
 * Makes the question that stands between a plan and what it changes; undefined where none is to be asked. With
 * nobody to ask, refuses before any work is done.
 *
 * @throws {SnapshotError} of kind `usage`
 */
export function confirmPlan(
  { io, prompt }: CommandRun<unknown>,
  { yes, dryRun }: { yes: boolean; dryRun: boolean },
): ((plan: RollbackResult) => Promise<void>) | undefined {
  if (yes || dryRun) return undefined;
  if (!prompt.available) {
    throw new SnapshotError('usage', 'cannot ask for confirmation: not on a terminal', {
      hint: 'Pass --yes to go ahead without being asked, or --dry-run to see what would change.',
    });
  }
  return async (plan) => {
    // On standard error, beside the question.
    io.stderr.write(`${renderPlan(PLAIN, plan, MAX_PATHS).join('\n')}\n`);
    if (!(await prompt.confirm('Go ahead?', '--yes'))) throw new DeclinedError();
  };
}
