import { SnapshotError } from '../../core/errors.ts';
import { once } from '../../core/once.ts';
import { keysOf } from '../../core/policy/roles.ts';
import { PolicyTimeline } from '../../core/policy/timeline.ts';
import { POLICY_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import { readPolicyChain } from './judge-policy.ts';
import type { StoredPolicy } from './read-policy.ts';
import { readPolicyCommit } from './read-policy.ts';

/** A policy that follows from the pin outside the repository. */
export interface TrustedPolicy extends StoredPolicy {
  /** Digest of version 1, which all trust begins with. */
  readonly root: string;
  /** All versions, each judged by the one before it. Read when first asked for. */
  readonly timeline: () => Promise<PolicyTimeline<StoredPolicy>>;
}

/** What helps where there is no policy. */
export const NO_POLICY_HINT =
  'If it was set up elsewhere, run "git snapshot fetch"; else set it up with "git snapshot init".';

type Reading = Pick<Context, 'store' | 'digest' | 'verifier' | 'trust' | 'confirm' | 'note'>;

/**
 * Reads the policy in force and holds it against the pin.
 *
 * Trust does not come from the repository: version 1 is believed because its digest is the one that this user
 * pinned when the repository was set up or first met, and each later one because the people of the one before it signed it.
 *
 * @throws {SnapshotError} `config` where there is no policy, `untrusted` where it does not follow from the pinned one
 */
export async function loadPolicy(ctx: Reading): Promise<TrustedPolicy> {
  const tip = await ctx.store.readRef(POLICY_REF);
  if (tip === null) {
    throw new SnapshotError('config', 'this repository has no snapshot policy', {
      hint: NO_POLICY_HINT,
    });
  }
  // Known is what was checked as a whole by this program, and followed from the policy that is pinned now.
  const isRemembered = async (id: string, digest: string): Promise<boolean> => {
    const remembered = await ctx.trust.recall(id);
    if (remembered?.policy?.digest !== digest || !remembered.verified.policy) return false;
    return remembered.root === (await ctx.trust.read(id));
  };
  const read = await readPolicyCommit(ctx, tip, isRemembered);
  const { repository, version } = read.policy;
  const chain = once(() => readPolicyChain(ctx, read));
  const remembered = await ctx.trust.recall(repository);
  const pinned = await ctx.trust.read(repository);
  const isKnown = await isRemembered(repository, read.digest);
  const root = version === 1 ? read : isKnown ? undefined : (await chain())[0];
  if (root !== undefined) await requirePin(ctx, root, pinned);
  if (remembered?.policy !== undefined && remembered.root === pinned) requireNotOlder(remembered.policy, read);
  if (!isKnown) await ctx.trust.remember(repository, { policy: { version, digest: read.digest } });
  return {
    ...read,
    root: root?.digest ?? pinned ?? '',
    timeline: once(async () => new PolicyTimeline(version === 1 ? [read] : await chain())),
  };
}

/** @throws {SnapshotError} if a newer version, or another one of the same number, was met here before */
function requireNotOlder(
  seen: { readonly version: number; readonly digest: string },
  { policy, digest }: StoredPolicy,
) {
  if (policy.version > seen.version || (policy.version === seen.version && digest === seen.digest)) return;
  throw new SnapshotError(
    'untrusted',
    `the policy in '${POLICY_REF}' is version ${policy.version} (${digest}), and this clone has seen version ${seen.version} (${seen.digest})`,
    {
      hint: 'A policy never goes back. Fetch it again from a place you trust; "git snapshot trust accept" accepts it once you know why.',
    },
  );
}

async function requirePin(ctx: Reading, { policy, digest }: StoredPolicy, pinned: string | undefined): Promise<void> {
  if (pinned === digest) return;
  if (pinned !== undefined) {
    throw new SnapshotError('untrusted', `the policy in '${POLICY_REF}' is not the one that you trust`, {
      hint: `Expected ${pinned} as its first version, found ${digest}. Ask whoever runs the repository; do not go on until you know why.`,
    });
  }
  const other = await ctx.trust.repositoryOfClone();
  if (other !== undefined && other !== policy.repository) {
    throw new SnapshotError('untrusted', `the policy in '${POLICY_REF}' is of another repository than before`, {
      hint: `This clone is of ${other}, the policy of ${policy.repository}. If you ran "git snapshot init" here, though others had a policy already, docs/sharing.md says how to take theirs instead (under "When init made a policy of its own"). Else somebody replaced it: do not go on until you know who.`,
    });
  }
  if (ctx.confirm !== undefined) {
    ctx.note('You have not met the snapshot policy of this repository before:');
    ctx.note(`  policy    ${digest} (version 1)`);
    for (const key of keysOf(policy, 'root')) ctx.note(`  root key  ${key}`);
    ctx.note('Compare this with what its owner says.');
  }
  if (ctx.confirm !== undefined && (await ctx.confirm('Trust it from now on?'))) {
    await ctx.trust.pin(policy.repository, digest);
    return;
  }
  const remembered = await ctx.trust.recall(policy.repository);
  if (remembered?.root === digest) {
    throw new SnapshotError('untrusted', 'nothing says any more that you trust the policy of this repository', {
      hint: `An earlier command trusted it because GIT_SNAPSHOT_TRUST_ROOT was set, and now it is not. Set it for every command (in CI: for the whole job), or say it once for all: git snapshot trust pin ${digest}`,
    });
  }
  throw new SnapshotError('untrusted', 'you have not said that you trust the policy of this repository', {
    hint: `Get its digest from the owner, then ${waysToTrust(ctx)}; here it is ${digest}.`,
  });
}

/** Where nothing is to stay, there is nothing to pin. */
function waysToTrust({ trust }: Reading): string {
  if (trust.place === undefined) return 'set GIT_SNAPSHOT_TRUST_ROOT to it, or run the command at a terminal';
  return 'run "git snapshot trust pin DIGEST", or set GIT_SNAPSHOT_TRUST_ROOT for every command (in CI: for the whole job)';
}
