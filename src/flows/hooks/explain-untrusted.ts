import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { POLICY_REF } from '../../core/refs.ts';
import type { RefusedChange } from '../../core/share/hook-verdict.ts';
import type { Context } from '../context.ts';
import { readPolicyChain } from '../policy/judge-policy.ts';
import { readPolicyCommit } from '../policy/read-policy.ts';

/**
 * Why what is pushed cannot be judged, for whoever pushes it: nothing on their side can make a server trust them.
 *
 * @param error - that judging it threw; rethrown if that is no verdict
 */
export async function explainUntrusted(
  ctx: Context,
  refs: ReadonlyMap<string, Oid>,
  error: unknown,
): Promise<RefusedChange> {
  if (!(error instanceof SnapshotError) || error.kind === 'git') throw error;
  const tip = refs.get(POLICY_REF);
  if (tip === undefined) {
    return {
      ref: POLICY_REF,
      rule: 'policy',
      reason: 'there is no policy here, and none is pushed: nothing says who may do this',
      hint: 'Push policy, log and snapshots together: "git snapshot push".',
    };
  }
  const root = await rootOf(ctx, tip);
  const pinned = root && (await ctx.trust.read(root.repository));
  if (root !== undefined && pinned === undefined) {
    return {
      ref: POLICY_REF,
      rule: 'trust',
      reason: 'nobody has said on this server which policy is to be trusted in this repository',
      hint: `The policy begins with ${root.digest}. If that is the right one, ${toTrust(root.digest)}`,
    };
  }
  if (root !== undefined && pinned !== root.digest) {
    const hint = `It begins with ${root.digest}, and ${pinned} was said to be trusted on this server. If that was wrong, ${toTrust(root.digest)}`;
    return { ref: POLICY_REF, rule: 'policy', reason: error.message, hint };
  }
  return { ref: POLICY_REF, rule: error.kind === 'not-found' ? 'missing' : 'policy', reason: error.message };
}

function toTrust(digest: string): string {
  return `whoever runs the server types in the repository: git snapshot hooks install --server --trust-root ${digest}`;
}

async function rootOf(ctx: Context, tip: Oid): Promise<{ repository: string; digest: string } | undefined> {
  try {
    const read = await readPolicyCommit(ctx, tip);
    const [root = read] = await readPolicyChain(ctx, read);
    return { repository: root.policy.repository, digest: root.digest };
  } catch (error) {
    if (error instanceof SnapshotError && error.kind !== 'git') return undefined;
    throw error;
  }
}
