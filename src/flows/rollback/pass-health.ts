import { healthCheckOf } from '../../core/rollback/health-check.ts';
import type { AppliedReplacement } from '../../core/rollback/port.ts';
import type { Context } from '../context.ts';
import type { HealthOutcome } from '../results.ts';
import { askHealth } from './ask-health.ts';
import { describeHealth, HealthFailedError } from './health-failed-error.ts';
import type { RollbackScene } from './plan-rollback.ts';
import { actionOf, goesPastGates, isRecorded, type RollbackToRecord, revertRollback } from './record-rollback.ts';

/**
 * Asks, once the directory is what was wanted, whether what uses it is well, if the policy says whom to ask; and takes
 * everything back if it is not. What comes back then is asked, too, and nothing is done about what it says: nobody is helped by
 * going back and forth. So it is with whoever undoes a rollback, which is a way back already, and whoever goes past the gates.
 *
 * @throws {HealthFailedError}
 */
export async function passHealth(
  ctx: Context,
  settling: RollbackToRecord & { readonly applied: AppliedReplacement },
): Promise<HealthOutcome | undefined> {
  const { trusted, set, clock, applied } = settling;
  const { journal } = applied;
  const { environment, health: wanted, action } = journal.context;
  const check = healthCheckOf(trusted.policy, { set: set.name, environment });
  if (check === undefined || wanted === 'leave-out') return undefined;
  // Killed just after it had passed.
  if (await isRecorded(ctx, { trusted, journal }, 'applied')) return undefined;
  const health = await clock.time('health', () => askHealth(ctx, { set, check }));
  if (health.verdict === 'pass') return health;
  if (actionOf(action) === 'undo' || goesPastGates(journal)) return health;
  ctx.note(`the health check did not pass: ${describeHealth(health)}; taking everything back`);
  const rescued = await revertRollback(ctx, { ...settling, health, replacement: applied });
  throw new HealthFailedError(health, { former: await askHealth(ctx, { set, check }), rescued });
}

/**
 * Asks the same where the directory was what is wanted before the rollback began. Nothing was changed then that could be taken
 * back; but what follows from the rollback, such as a promotion, must not.
 *
 * @throws {HealthFailedError}
 */
export async function passHealthInPlace({
  ctx,
  trusted,
  set,
  options,
  clock,
}: RollbackScene): Promise<HealthOutcome | undefined> {
  const check = healthCheckOf(trusted.policy, { set: set.name, environment: options.environment });
  if (check === undefined || options.health === 'leave-out') return undefined;
  const health = await clock.time('health', () => askHealth(ctx, { set, check }));
  if (health.verdict !== 'pass' && options.pastGates !== true) throw new HealthFailedError(health, undefined);
  return health;
}
