import { SnapshotError } from '../../core/errors.ts';
import { POLICY_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { pinPlace, requireDigest } from '../policy/pin-place.ts';
import { hasProtection } from './judge-protected.ts';

/** What hooks rest on, beside the repository. */
export interface HookGround {
  /** Says whether the hooks must look at pushes that change none of our refs. */
  readonly setProtecting: (on: boolean) => Promise<void>;
}

/**
 * Makes ready what hooks rest on, before they are installed: whom the repository trusts, which on a server must be said before
 * anything is pushed to it, and whether its policy protects refs that are not ours.
 *
 * What is said is remembered only once it is known to fit what is there. It takes the place of what was said before.
 *
 * @param trustRoot - digest of version 1 of the policy, as whoever set the repository up tells it; undefined: as before
 * @throws {SnapshotError} `usage` for what is no digest, `untrusted` where the policy that is here does not follow from it
 */
export async function prepareRepository(
  ctx: Context,
  trustRoot: string | undefined,
  { setProtecting }: HookGround,
): Promise<void> {
  if (trustRoot !== undefined) requireDigest(trustRoot);
  if ((await ctx.store.readRef(POLICY_REF)) === null) {
    if (trustRoot !== undefined) await pinPlace(ctx, trustRoot);
    return;
  }
  try {
    const { policy } = await loadPolicy(trustRoot === undefined ? { ...ctx, confirm: undefined } : as(ctx, trustRoot));
    if (trustRoot !== undefined) await pinPlace(ctx, trustRoot);
    await setProtecting(hasProtection(policy));
  } catch (error) {
    if (!(error instanceof SnapshotError) || error.kind !== 'untrusted') throw error;
    if (trustRoot !== undefined) {
      throw new SnapshotError('untrusted', `the policy here does not follow from ${trustRoot}: ${error.message}`, {
        hint: `${error.hint ?? ''} Nothing was pinned, and no hook was installed.`.trim(),
        cause: error,
      });
    }
    ctx.note(`warning: the hooks will refuse what changes snapshots until this is mended: ${error.message}`);
  }
}

/** Judges as if a policy were pinned already, and remembers nothing of it. */
function as(ctx: Context, root: string): Context {
  const trust = { ...ctx.trust, read: async () => root, remember: async () => {}, rememberEvents: async () => {} };
  return { ...ctx, confirm: undefined, trust };
}
