import type { GateOutcome } from '../gates/results.ts';
import { namedGates, runGates } from '../gates/run-gates.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import type { ReviewScene } from './review-choice.ts';
import type { ReviewedGate } from './review-result.ts';

/**
 * What gates said when it was promoted and, where `rerun` is a snapshot, what they say of it now.
 *
 * Run are those that the environment asks for now and those that were run then, as far as the policy still has them.
 */
export async function reviewGates(
  { ctx, trusted, rules, reviewed }: ReviewScene,
  { rerun }: { rerun: StoredSnapshot | undefined },
): Promise<ReviewedGate[]> {
  const { policy } = trusted;
  const recorded = new Map(reviewed.event.gates.map((gate) => [gate.name, gate]));
  const names = [...new Set([...rules.gates, ...recorded.keys()])];
  const known = new Map(
    namedGates(
      policy,
      names.filter((name) => Object.hasOwn(policy.gates ?? {}, name)),
    ).map((named) => [named.name, named]),
  );
  const outcomes: readonly GateOutcome[] =
    rerun === undefined || known.size === 0
      ? []
      : await runGates(ctx, trusted, { stored: rerun, gates: [...known.values()] });
  return names.map((name) => {
    const gate = recorded.get(name);
    return {
      name,
      type: known.get(name)?.gate.type,
      isRequired: rules.gates.includes(name),
      recorded: gate && { verdict: gate.verdict, evidence: gate.evidence },
      rerun: outcomes.find((outcome) => outcome.name === name),
    };
  });
}
