import type { Checkup } from '../../core/doctor/check.ts';
import { ok, wrong } from '../../core/doctor/check.ts';
import type { Machine } from '../../core/doctor/port.ts';
import { SnapshotError } from '../../core/errors.ts';
import { POLICY_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import type { HooksStatus } from '../hooks/results.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { checkClone, checkPrograms } from './check-clone.ts';
import { checkHooks, checkRemotes, checkServer } from './check-exchange.ts';
import { checkKey } from './check-key.ts';
import { checkLog } from './check-log.ts';
import { checkPlaces } from './check-places.ts';
import { checkSets, checkUnfinished } from './check-sets.ts';
import { checkPolicyExpiry, checkTrust } from './check-trust.ts';

/** Where a checkup looks, besides the repository. */
export interface Examination {
  readonly machine: Machine;
  readonly hooks: () => Promise<HooksStatus>;
}

/**
 * Looks at everything that a command may need one day, and says what to type where something is wrong. Changes nothing in the
 * repository, asks nobody, and calls no remote.
 */
export async function examine(ctx: Context, { machine, hooks }: Examination): Promise<Checkup[]> {
  const config = await machine.config();
  const found = [
    ...(await checkPrograms(machine)),
    ...(await checkClone(ctx, machine, config)),
    ...(await checkPlaces(machine)),
  ];
  const trusted = await trustedPolicy(ctx);
  if ('verdict' in trusted) return [...found, trusted, ...(await checkUnfinished(ctx))];
  const key = await checkKey(ctx, trusted, machine);
  const canSign = key.some(({ check, verdict }) => check === 'key' && verdict === 'ok');
  return [
    ...found,
    ok('policy', `version ${trusted.policy.version} is in force and follows from the one that is trusted`),
    ...checkPolicyExpiry(ctx, trusted),
    ...(await checkTrust(ctx, trusted)),
    ...(await checkLog(ctx)),
    ...key,
    ...(await checkUnfinished(ctx)),
    ...(await checkSets(ctx, trusted, { machine, canSign })),
    ...checkHooks(ctx, await hooks()),
    ...(ctx.isBare ? checkServer(config) : await checkRemotes(ctx, config)),
  ];
}

/** Nobody is asked whom to trust: a policy that is not trusted yet is what is wrong. */
async function trustedPolicy(ctx: Context): Promise<TrustedPolicy | Checkup> {
  try {
    return await loadPolicy({ ...ctx, confirm: undefined });
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    // Nobody fetches there, and nothing can be set up.
    const isEmptyServer = ctx.isBare && (await ctx.store.readRef(POLICY_REF)) === null;
    const hint = isEmptyServer ? 'Push from a clone that has one: "git snapshot push".' : error.hint;
    return wrong('policy', error.message, hint ?? 'See docs/policy.md.');
  }
}
