import type { Label } from '../../core/snapshot/label.ts';
import type { Context, GovernedSet } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { SetContent } from '../snapshot/read-set.ts';
import type { GateOutcome } from './results.ts';

/**
 * Runs the gates of a set over content that is to become a snapshot, and whose objects are stored. Most sets have none.
 *
 * @throws {GatesFailedError} unless all of them pass
 */
export async function passGates(
  ctx: Context,
  trusted: TrustedPolicy,
  { set, content, labels }: { set: GovernedSet; content: SetContent; labels: readonly Label[] },
): Promise<GateOutcome[]> {
  const names = trusted.policy.sets[set.name]?.gates ?? [];
  if (names.length === 0) return [];
  const { namedGates, runGatesOn } = await import('./run-gates.ts');
  const { unsignedSubject } = await import('./gate-subject.ts');
  const { requirePassed } = await import('./require-passed.ts');
  const gates = await runGatesOn(ctx, trusted, {
    subject: unsignedSubject(ctx, { set: set.name, content, labels }),
    gates: namedGates(trusted.policy, names),
  });
  requirePassed(gates, {
    refused: `no snapshot of '${set.name}' was taken`,
    hint: 'Nothing was published, and the directory is as it was.',
  });
  return gates;
}
