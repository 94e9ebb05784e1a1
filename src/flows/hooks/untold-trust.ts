import { POLICY_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';

/** Of no repository: what is pinned for it is what was said of this place, or in the environment. */
const ANY_REPOSITORY = '0'.repeat(64);

/**
 * What to do on a server that has no policy yet and was not told whose to take: it refuses the first push, unless it runs as
 * somebody who trusts that policy. Undefined where
 * nothing is to be done.
 */
export async function untoldTrust(ctx: Pick<Context, 'store' | 'trust'>): Promise<string | undefined> {
  if ((await ctx.store.readRef(POLICY_REF)) !== null) return undefined;
  if ((await ctx.trust.read(ANY_REPOSITORY)) !== undefined) return undefined;
  return 'Nobody has said here which policy is to be trusted: the first push will be refused, unless whoever the hooks run as trusts that policy, as who pushes by path may. Run "git snapshot hooks install --server --trust-root sha256:DIGEST"; in the clone that will push, "git snapshot trust" shows the digest.';
}
