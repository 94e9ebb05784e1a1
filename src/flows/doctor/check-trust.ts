import { type Checkup, note, ok, wrong } from '../../core/doctor/check.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';

/** What runs out so soon should be renewed now. */
const SOON_SEC = 30 * 86_400;

/** When the policy runs out. */
export function checkPolicyExpiry(ctx: Pick<Context, 'nowMs'>, { policy }: TrustedPolicy): Checkup[] {
  if (policy.expires === undefined) return [ok('policy expiry', 'it does not run out')];
  const atSec = Math.floor(Date.parse(policy.expires) / 1000);
  return [
    expiryCheckup(ctx, {
      check: 'policy expiry',
      what: 'it',
      atSec,
      hint: 'Make the next version: "git snapshot policy apply".',
    }),
  ];
}

/** Whether something has run out, or does so soon. Shared with keys. */
export function expiryCheckup(
  ctx: Pick<Context, 'nowMs'>,
  { check, what, atSec, hint }: { check: string; what: string; atSec: number; hint: string },
): Checkup {
  const leftSec = atSec - nowSec(ctx);
  const at = new Date(atSec * 1000).toISOString().replace('.000Z', 'Z');
  if (leftSec <= 0) return wrong(check, `${what} ran out at ${at}`, hint);
  return leftSec < SOON_SEC
    ? note(check, `${what} runs out soon, at ${at}`, hint)
    : ok(check, `${what} runs out at ${at}`);
}

/** That the first policy is pinned outside of the repository, or that the environment says which it is. */
export async function checkTrust(ctx: Pick<Context, 'trust'>, { policy, root }: TrustedPolicy): Promise<Checkup[]> {
  const pinned = await ctx.trust.readPin(policy.repository);
  if (pinned !== undefined) return [ok('trust', `pinned to ${pinned}`)];
  const said = await ctx.trust.read(policy.repository);
  if (said !== undefined) return [ok('trust', `GIT_SNAPSHOT_TRUST_ROOT says ${said}; nothing is pinned`)];
  return [wrong('trust', 'nothing is pinned', `Run "git snapshot trust pin ${root}", if that is what its owner says.`)];
}
