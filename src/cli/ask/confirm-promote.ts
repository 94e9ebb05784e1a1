import type { PromoteResult } from '../../flows/promotion/results.ts';
import type { CommandRun } from '../handler.ts';
import { renderPromote } from '../render/promotion.ts';
import { PLAIN } from '../terminal/output.ts';
import { ask } from './confirm-changes.ts';

/** Makes the question that stands between a promotion and signing it. */
export function confirmPromote(
  run: Pick<CommandRun<unknown>, 'io' | 'prompt' | 'out'>,
): (plan: PromoteResult) => Promise<void> {
  return (plan) => ask(run, { lines: renderPromote(PLAIN, plan, run.out.settings), question: 'Sign this?' });
}
