import { SnapshotError } from '../../core/errors.ts';
import type { Scope } from '../../core/policy/roles.ts';
import { hasRole, holdersOf, personOf } from '../../core/policy/roles.ts';
import type { Policy, Role } from '../../core/policy/schema.ts';
import type { Signer } from '../../core/signing.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';

/** Who acts, with which key, under which policy. */
export interface Actor {
  readonly signer: Signer;
  readonly trusted: TrustedPolicy;
  readonly identity: { readonly name: string; readonly email: string };
}

/** The actor that this user is under the policy. */
export async function actorFor(ctx: Context, trusted: TrustedPolicy): Promise<Actor> {
  warnBeforeExpiry(ctx, trusted.policy);
  return { signer: await ctx.signer(await trusted.keys()), trusted, identity: await ctx.identity() };
}

const WARNING_DAYS = 30;
const DAY_SEC = 86_400;

/** A policy that runs out stops everybody: whoever acts hears of it in time to gather signatures for the next one. */
function warnBeforeExpiry(ctx: Context, { expires }: Policy): void {
  if (expires === undefined) return;
  const leftDays = Math.floor((Date.parse(expires) / 1000 - nowSec(ctx)) / DAY_SEC);
  if (leftDays >= 0 && leftDays < WARNING_DAYS)
    ctx.note(`warning: the policy runs out in ${leftDays} days, at ${expires}: make the next version in time`);
}

/**
 * The person who holds the signer's key.
 *
 * @throws {SnapshotError} unless the policy gives them one of these roles there
 */
export function requireRole(
  { signer, trusted: { policy } }: Pick<Actor, 'signer' | 'trusted'>,
  roles: Role | readonly [Role, ...Role[]],
  scope: Scope = {},
): string {
  const wanted = typeof roles === 'string' ? ([roles] as const) : roles;
  const person = personOf(policy, signer.key);
  if (person === undefined || !wanted.some((role) => hasRole(policy, signer.key, role, scope))) {
    const [role] = wanted;
    const holders = holdersOf(policy, role, scope).join(', ') || 'nobody';
    throw new SnapshotError('untrusted', `your key ${signer.key} does not have the role '${role}'`, {
      hint: `The policy gives it to: ${holders}. Ask one of them, or for a change of the policy.`,
    });
  }
  return person;
}
