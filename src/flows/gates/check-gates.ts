import type { Context } from '../context.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { resolveSnapshot } from '../snapshot/choose-snapshot.ts';
import type { GateCheck } from './results.ts';
import { namedGates, runGates } from './run-gates.ts';

/** Runs gates on a snapshot. @param options.gates - empty: all that the policy has */
export async function checkGates(
  ctx: Context,
  options: { readonly set: string | undefined; readonly snapshot: string; readonly gates: readonly string[] },
): Promise<GateCheck> {
  const trusted = await loadPolicy(ctx);
  const stored = await resolveSnapshot(ctx, trusted.policy, options);
  const names = options.gates.length > 0 ? options.gates : Object.keys(trusted.policy.gates ?? {});
  const gates = await runGates(ctx, trusted, { stored, gates: namedGates(trusted.policy, names) });
  const { set, id } = stored.snapshot;
  return { set, snapshot: id, ok: gates.every(({ verdict }) => verdict === 'pass'), gates };
}
