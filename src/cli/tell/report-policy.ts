import type { PolicyOutcome } from '../../flows/policy/results.ts';
import { DONE } from '../exit-code.ts';
import { policyOutcomeJson } from '../json/policy.ts';
import { renderPolicyOutcome, sharingAdvice } from '../render/policy.ts';
import type { Output } from '../terminal/output.ts';

/** Prints what became of a change of the policy, and gives the exit code. `more` goes into the document too. */
export function reportPolicy(out: Output, result: PolicyOutcome, more: Readonly<Record<string, string>> = {}): number {
  if (out.settings.json) out.json({ ...policyOutcomeJson(result), ...more });
  else {
    out.lines(renderPolicyOutcome(out, result));
    for (const line of sharingAdvice(result)) out.note(line);
  }
  return DONE;
}
