import { SnapshotError } from '../../core/errors.ts';
import type { ConfirmChanges } from '../app/govern-app.ts';
import { DeclinedError } from '../exit-code-table.ts';
import type { CommandRun } from '../handler.ts';
import { renderPolicyChanges } from '../render/policy.ts';
import { PLAIN } from '../terminal/output.ts';

/** Makes the question that stands between a change of the policy and signing it; undefined where none is to be asked. */
export function confirmChanges({ io, prompt }: CommandRun<unknown>, { yes }: { yes: boolean }): ConfirmChanges {
  if (yes) return undefined;
  return async (changes) => {
    const lines = changes.length === 0 ? ['nothing but the version changes'] : renderPolicyChanges(PLAIN, changes);
    await ask({ io, prompt }, { lines, question: 'Sign this?' });
  };
}

/**
 * Shows what would be done and asks; on standard error, beside the question.
 *
 * @throws {SnapshotError} of kind `usage` where nobody is there
 */
export async function ask(
  { io, prompt }: Pick<CommandRun<unknown>, 'io' | 'prompt'>,
  { lines, question }: { lines: readonly string[]; question: string },
): Promise<void> {
  requireSomebody(prompt);
  io.stderr.write(`${lines.join('\n')}\n`);
  if (!(await prompt.confirm(question, '--yes'))) throw new DeclinedError();
}

/** @throws {SnapshotError} of kind `usage` where nobody is there to ask */
export function requireSomebody(prompt: CommandRun<unknown>['prompt']): void {
  if (prompt.available) return;
  throw new SnapshotError('usage', 'cannot ask for confirmation: not on a terminal', {
    hint: 'Pass --yes to go ahead without being asked.',
  });
}
