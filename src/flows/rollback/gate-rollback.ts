import type { Context } from '../context.ts';
import { requirePassed } from '../gates/require-passed.ts';
import type { GateOutcome } from '../gates/results.ts';
import type { PlannedRollback, RollbackScene } from './plan-rollback.ts';

/** The plan, once the gates of the set have said what they think of the snapshot. Made by {@link gateRollback} only. */
export interface GatedRollback extends PlannedRollback {
  readonly gates: readonly GateOutcome[];
}

/**
 * Runs the gates that the policy asks for before a snapshot is put back, over that snapshot, every byte of it. An undo runs
 * none: nothing may stand between a rollback and its way back.
 *
 * Whether they are content is for {@link requireGates} to say, so that a dry run can tell of all of them.
 */
export async function gateRollback(scene: RollbackScene, planned: PlannedRollback): Promise<GatedRollback> {
  const { ctx, trusted, set, options, clock } = scene;
  const names = trusted.policy.sets[set.name]?.rollback?.gates ?? [];
  if (names.length === 0 || options.gates === 'leave-out' || options.action === 'undo')
    return { ...planned, gates: [] };
  const { stored } = planned.target;
  const { namedGates, runGates } = await import('../gates/run-gates.ts');
  const gates = await clock.time('gates', () =>
    runGates(ctx, trusted, { stored, gates: namedGates(trusted.policy, names) }),
  );
  return { ...planned, gates };
}

/**
 * Stops a rollback whose gates did not pass, unless somebody goes past them; then it is only told.
 *
 * @throws {GatesFailedError}
 */
export function requireGates(
  { ctx, options }: Pick<RollbackScene, 'options'> & { readonly ctx: Pick<Context, 'note'> },
  { gates, target }: GatedRollback,
): void {
  const failed = gates.filter(({ verdict }) => verdict !== 'pass').map(({ name }) => name);
  if (failed.length === 0) return;
  if (options.pastGates === true) {
    ctx.note(`warning: going on past what did not pass: ${failed.join(', ')}`);
    return;
  }
  const { id } = target.stored.snapshot;
  requirePassed(gates, {
    refused: `'${id}' is not put back`,
    hint: `Nothing was changed. Choose another snapshot ("git snapshot list"), or, if this one must be put back all the same, add --past-gates -m WHY.`,
  });
}
