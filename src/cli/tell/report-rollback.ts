import { setWords } from '../../core/policy/default-set.ts';
import type { RollbackResult } from '../../flows/results.ts';
import { ANSWER_IS_NO, DONE, GATE_SAID_NO } from '../exit-code.ts';
import { rollbackJson } from '../json/results.ts';
import { renderRollback } from '../render/rollback.ts';
import type { Output } from '../terminal/output.ts';

interface ReportOptions {
  /** Only some paths were meant. */
  readonly partial?: boolean;
  /** Whatever gates say. */
  readonly past?: boolean;
  /** Where to go was not said: if that changes nothing, somewhere else may be meant. */
  readonly unnamed?: boolean;
  /** What takes it back. */
  readonly undo?: string;
}

/**
 * Prints how a rollback ended. One that had to be reverted is not a success, nor one after which the directory differs.
 *
 * A dry run whose gates would stop it is none either.
 */
export function reportRollback(
  out: Output,
  result: RollbackResult,
  { partial = false, past = false, unnamed = false, undo = 'git rollback --undo' }: ReportOptions = {},
): number {
  if (out.settings.json) out.json(rollbackJson(result));
  else if (!out.settings.quiet || result.rescued.length > 0 || result.changedAfter.paths.length > 0)
    out.lines(renderRollback(out, result, { partial }));
  if (unnamed) adviseFurther(out, result);
  if (result.outcome === 'applied' && result.backup !== undefined) out.note(`To take it back: ${undo}`);
  return rollbackCode(result, { past });
}

/** What is bad may have been taken into a snapshot, and is then what the directory should be. Of a backup, the result says more. */
function adviseFurther(out: Output, { outcome, set, isUnnamedBackup }: RollbackResult): void {
  if (outcome !== 'nothing-to-do' || isUnnamedBackup || out.settings.json) return;
  const words = setWords(set);
  out.advise(
    `If that is what is bad: see "git snapshot list${words}", then "git rollback${words} --steps 1", or name a snapshot.`,
  );
}

/** The exit code of how a rollback ended. */
export function rollbackCode(result: RollbackResult, { past }: { readonly past: boolean }): number {
  if (result.outcome === 'reverted' || result.changedAfter.paths.length > 0) return ANSWER_IS_NO;
  // Of a rollback that was done, they said yes, or somebody went past them.
  const isHeldUp = result.outcome !== 'applied' && !past && result.gates.some(({ verdict }) => verdict !== 'pass');
  return isHeldUp ? GATE_SAID_NO : DONE;
}
