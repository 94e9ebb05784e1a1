import { setWords } from '../../core/policy/default-set.ts';
import type { EnvironmentRollback, PromoteResult } from '../../flows/promotion/results.ts';
import type { RollbackResult } from '../../flows/results.ts';
import { DONE } from '../exit-code.ts';
import { environmentRollbackJson } from '../json/promotion.ts';
import { nameOf, renderPromote } from '../render/promotion.ts';
import type { Output } from '../terminal/output.ts';
import { reportRollback, rollbackCode } from './report-rollback.ts';

/** Prints what became of the directory and of the environment, and gives the exit code. */
export function reportEnvironmentRollback(
  out: Output,
  result: EnvironmentRollback,
  { past }: { readonly past: boolean },
): number {
  const { directory, promotion, isOnHold } = result;
  const { json, quiet } = out.settings;
  if (json) {
    out.json(environmentRollbackJson(result));
    return directory === undefined ? DONE : rollbackCode(directory, { past });
  }
  const again = `git rollback --env ${promotion.environment}${setWords(promotion.set)}`;
  // The directory alone would be another than what is live.
  const undo = promotion.previous === undefined ? {} : { undo: `${again} ${promotion.previous}` };
  const code = directory === undefined ? DONE : reportRollback(out, directory, { ...undo, past });
  if (directory !== undefined) tellOfDirectory(out, directory, promotion);
  if (directory?.outcome === 'reverted') {
    out.note(`${promotion.environment} stays as it is`);
    return code;
  }
  if (quiet && promotion.outcome !== 'planned') out.line(nameOf(promotion));
  else out.lines(renderPromote(out, promotion, out.settings));
  if (promotion.outcome === 'pending') out.note(`Once it is live, "${again}" puts the directory back.`);
  if (isOnHold) out.note(holdNote(promotion));
  return code;
}

/** Where the directory was not what was live, going back to that does not bring it back. */
function tellOfDirectory(out: Output, { outcome, backup }: RollbackResult, promotion: PromoteResult): void {
  const { previous, set, environment } = promotion;
  if (outcome !== 'applied' || backup === undefined || previous === undefined || backup === previous) return;
  out.note(
    `The directory was not at ${previous} before. As it was, and ${environment} as it is now: git snapshot restore${setWords(set)} ${backup}`,
  );
}

function holdNote({ environment, set }: EnvironmentRollback['promotion']): string {
  return `${environment} is on hold. Once promotions are to go on: git snapshot resume ${environment}${setWords(set)} -m WHY`;
}
