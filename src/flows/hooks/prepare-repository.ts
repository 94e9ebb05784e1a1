import { SnapshotError } from '../../core/errors.ts';
import { POLICY_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { hasProtection } from './judge-protected.ts';

/** What hooks rest on, beside the repository. */
export interface HookGround {
  /** Remembers, outside of the repository, which first version of a policy is to be trusted in this very place. */
  readonly expectRoot: (policyDigest: string) => Promise<void>;
  /** Says whether the hooks must look at pushes that change none of our refs. */
  readonly setProtecting: (on: boolean) => Promise<void>;
}

/**
 * Makes ready what hooks rest on, before they are installed: whom the repository trusts, which on a server must be said before
 * anything is pushed to it, and whether its policy protects refs that are not ours.
 *
 * @param trustRoot - digest of version 1 of the policy, as whoever set the repository up tells it; undefined: as before
 * @throws {SnapshotError} `usage` for what is no digest, `conflict` where another is trusted here, `untrusted` where the policy
 * that is here begins with another
 */
export async function prepareRepository(
  ctx: Context,
  trustRoot: string | undefined,
  { expectRoot, setProtecting }: HookGround,
): Promise<void> {
  if (trustRoot !== undefined) {
    if (!/^sha256:[0-9a-f]{64}$/.test(trustRoot)) {
      throw new SnapshotError('usage', `'${trustRoot}' is not the digest of a policy`, {
        hint: 'Give \'sha256:\' and 64 lower-case hexadecimal digits: "git snapshot trust show" prints it in a clone as "Begins with".',
      });
    }
    await expectRoot(trustRoot);
  }
  if ((await ctx.store.readRef(POLICY_REF)) === null) return;
  try {
    const { policy } = await loadPolicy({ ...ctx, confirm: undefined });
    await setProtecting(hasProtection(policy));
  } catch (error) {
    if (trustRoot !== undefined || !(error instanceof SnapshotError) || error.kind !== 'untrusted') throw error;
    ctx.note(`warning: the hooks will refuse what changes snapshots until this is mended: ${error.message}`);
  }
}
