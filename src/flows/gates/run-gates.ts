import { SnapshotError } from '../../core/errors.ts';
import type { GateSubject, NamedGate } from '../../core/gates/port.ts';
import type { Policy } from '../../core/policy/schema.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { verifiedSubject } from './gate-subject.ts';
import type { GateOutcome } from './results.ts';

/** The gates of these names, as the policy has them. @throws {SnapshotError} of kind `not-found` */
export function namedGates({ gates = {} }: Policy, names: readonly string[]): NamedGate[] {
  return names.map((name) => {
    const gate = Object.hasOwn(gates, name) ? gates[name] : undefined;
    if (gate !== undefined) return { name, gate };
    const all = Object.keys(gates);
    throw new SnapshotError('not-found', `the policy has no gate '${name}'`, {
      hint: all.length === 0 ? 'It has none at all; see docs/gates.md.' : `It has: ${all.join(', ')}.`,
    });
  });
}

/**
 * Verifies a snapshot, every byte of it, and runs gates over what was verified.
 *
 * @throws {SnapshotError} of kind `untrusted` if the snapshot is not to be believed; verdicts of gates are results
 */
export async function runGates(
  ctx: Context,
  trusted: TrustedPolicy,
  { stored, gates }: { stored: StoredSnapshot; gates: readonly NamedGate[] },
): Promise<GateOutcome[]> {
  return runGatesOn(ctx, trusted, { subject: await verifiedSubject(ctx, trusted, stored), gates });
}

/** Runs gates over what was made ready for them. What they say is the result; none of it is thrown. */
export async function runGatesOn(
  ctx: Context,
  trusted: TrustedPolicy,
  { subject, gates }: { subject: GateSubject; gates: readonly NamedGate[] },
): Promise<GateOutcome[]> {
  if (gates.length === 0) return [];
  const runner = await ctx.gates();
  const schemas = await trusted.schemas();
  const progress = ctx.report.phase('Running gates');
  let done = 0;
  return Promise.all(
    gates.map(async (named) => {
      const startedMs = ctx.nowMs();
      const result = await runner.run(named, subject, schemas);
      done += 1;
      progress(done, gates.length);
      return {
        name: named.name,
        type: named.gate.type,
        verdict: result.verdict,
        detail: result.detail,
        violations: result.violations,
        evidence: sha256Of(ctx, result.evidence),
        durationMs: Math.max(0, Math.round(ctx.nowMs() - startedMs)),
      };
    }),
  );
}
