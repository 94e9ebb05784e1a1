import { SnapshotError } from '../../core/errors.ts';
import type { Scope } from '../../core/policy/roles.ts';
import { hasRole, holdersOf, personOf } from '../../core/policy/roles.ts';
import type { Policy, Role } from '../../core/policy/schema.ts';
import type { PublicKey, Signer } from '../../core/signing.ts';
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
  const keys = await trusted.keys();
  const signer = await ctx.signer(keys);
  warnBeforeExpiry(ctx, trusted.policy);
  await warnBeforeKeyExpiry(
    ctx,
    keys.find(({ key }) => key === signer.key),
  );
  return { signer, trusted, identity: await ctx.identity() };
}

const WARNING_DAYS = 30;
const DAY_SEC = 86_400;

/** A policy that runs out stops everybody: whoever acts hears of it in time to gather signatures for the next one. */
function warnBeforeExpiry(ctx: Context, { expires }: Policy): void {
  const left = expires === undefined ? undefined : daysLeft(ctx, Date.parse(expires) / 1000);
  if (left !== undefined)
    ctx.note(`warning: the policy runs out in ${left} days, at ${expires}: make the next version in time`);
}

/** A key that runs out stops its holder, and only a version of the policy can bring in the next one, or its renewed certificate. */
async function warnBeforeKeyExpiry(ctx: Context, publicKey: PublicKey | undefined): Promise<void> {
  // SSH keys do not expire: nothing need be loaded to know that.
  if (!publicKey?.key.startsWith('openpgp:')) return;
  const atSec = await (await ctx.verifier()).expiresAtSec(publicKey);
  const left = atSec === undefined ? undefined : daysLeft(ctx, atSec);
  if (atSec === undefined || left === undefined) return;
  const at = new Date(atSec * 1000).toISOString().replace('.000Z', 'Z');
  ctx.note(
    `warning: your key ${publicKey.key} runs out in ${left} days, at ${at}: replace it in time with "git snapshot key rotate"`,
  );
}

/** Whole days until then, where they are few and not over. */
function daysLeft(ctx: Context, atSec: number): number | undefined {
  const days = Math.floor((atSec - nowSec(ctx)) / DAY_SEC);
  return days >= 0 && days < WARNING_DAYS ? days : undefined;
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
