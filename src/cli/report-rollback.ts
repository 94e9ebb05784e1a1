import type { RollbackResult } from '../flows/results.ts';
import { ANSWER_IS_NO, DONE } from './exit-codes.ts';
import { rollbackJson } from './json/results.ts';
import { renderRollback } from './render/rollback.ts';
import type { Output } from './terminal/output.ts';

/**
 * Prints how a rollback ended. One that had to be reverted is not a success.
 *
 * @param options.partial - only some paths were meant
 * @param options.undo - what takes it back
 */
export function reportRollback(
  out: Output,
  result: RollbackResult,
  { partial = false, undo = 'git rollback --undo' }: { partial?: boolean; undo?: string } = {},
): number {
  if (out.settings.json) out.json(rollbackJson(result));
  else if (!out.settings.quiet || result.rescued.length > 0) out.lines(renderRollback(out, result, { partial }));
  if (result.outcome === 'applied' && result.backup !== undefined) out.note(`To take it back: ${undo}`);
  return result.outcome === 'reverted' ? ANSWER_IS_NO : DONE;
}
