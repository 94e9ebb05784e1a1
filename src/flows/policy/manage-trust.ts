import { parseLoggedEvent } from '../../core/audit/logged-event.ts';
import { MalformedError, MissingObjectError, SnapshotError } from '../../core/errors.ts';
import { LOG_REF, POLICY_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import { readPolicyChain } from './judge-policy.ts';
import { NO_POLICY_HINT } from './load-policy.ts';
import { pinPlace, requireDigest } from './pin-place.ts';
import type { StoredPolicy } from './read-policy.ts';
import { readPolicyCommit } from './read-policy.ts';
import type { TrustAhead, TrustStatus } from './results.ts';

/** What this user trusts of the repository, and what is here. Asks nothing and changes nothing. */
export async function showTrust(ctx: Context): Promise<TrustStatus | TrustAhead> {
  const expected = (await ctx.store.readRef(POLICY_REF)) === null ? await ctx.trust.place?.read() : undefined;
  return expected === undefined
    ? trustStatus(ctx)
    : { repository: undefined, root: { found: undefined, pinned: expected } };
}

async function trustStatus(ctx: Context): Promise<TrustStatus> {
  const { tip, root } = await readChain(ctx);
  const { repository, version } = tip.policy;
  const remembered = await ctx.trust.recall(repository);
  return {
    repository,
    root: { found: root.digest, pinned: await ctx.trust.read(repository) },
    policy: { version, digest: tip.digest },
    log: { event: await lastEvent(ctx) },
    seen: { policyVersion: remembered?.policy?.version ?? remembered?.log?.version, event: remembered?.log?.seq },
  };
}

/**
 * Pins the first version of the policy, whose digest the user has from somewhere else than the repository. Where there is none
 * yet, this place is pinned: whatever comes here has to begin with it.
 *
 * @throws {SnapshotError} of kind `untrusted` if that is not what is here, `conflict` if another is pinned
 */
export async function pinTrust(ctx: Context, digest: string): Promise<TrustStatus | TrustAhead> {
  requireDigest(digest);
  if ((await ctx.store.readRef(POLICY_REF)) === null) {
    await pinPlace(ctx, digest);
    return showTrust(ctx);
  }
  const { root } = await readChain(ctx);
  if (root.digest !== digest) {
    throw new SnapshotError('untrusted', `the policy here does not begin with ${digest}`, {
      hint: `It begins with ${root.digest}. Nothing was pinned; ask the owner of the repository.`,
    });
  }
  await ctx.trust.pin(root.policy.repository, digest);
  // It counts first, and would go on saying another.
  if ((await ctx.trust.place?.read()) !== undefined) await pinPlace(ctx, digest);
  return trustStatus(ctx);
}

/**
 * Takes policy and log as they are now, whatever was seen in this clone before. The pin stays.
 *
 * @param options.confirm - called with what was seen and what is here, before anything is forgotten; throws to stop
 */
export async function acceptTrust(
  ctx: Context,
  { confirm }: { readonly confirm: ((status: TrustStatus) => Promise<void>) | undefined },
): Promise<TrustStatus> {
  const status = await trustStatus(ctx);
  await confirm?.(status);
  await ctx.trust.forget(status.repository);
  return trustStatus(ctx);
}

async function lastEvent(ctx: Pick<Context, 'store'>): Promise<number | undefined> {
  const tip = await ctx.store.readRef(LOG_REF);
  if (tip === null) return undefined;
  try {
    return parseLoggedEvent(await ctx.store.readObject(tip), ctx.store.format).event.seq;
  } catch (error) {
    if (error instanceof MalformedError || error instanceof MissingObjectError) return undefined;
    throw error;
  }
}

async function readChain(ctx: Context): Promise<{ tip: StoredPolicy; root: StoredPolicy }> {
  const oid = await ctx.store.readRef(POLICY_REF);
  if (oid === null) {
    throw new SnapshotError('config', 'this repository has no snapshot policy', {
      hint: NO_POLICY_HINT,
    });
  }
  const tip = await readPolicyCommit(ctx, oid);
  const [root = tip] = await readPolicyChain(ctx, tip);
  return { tip, root };
}
