import { MalformedError, SnapshotError } from '../../core/errors.ts';
import type { SignatureCount } from '../../core/policy/succession.ts';
import { countSignatures, describeCounts, isSigned, successionFaults } from '../../core/policy/succession.ts';
import type { KeyId, PublicKey } from '../../core/signing.ts';
import type { Context } from '../context.ts';
import type { StoredPolicy } from './read-policy.ts';
import { readPolicyCommit } from './read-policy.ts';

type Reading = Pick<Context, 'store' | 'digest' | 'verifier'>;

/** Who has signed a version of the policy: those with a good signature by a key of it or of the version before it. */
export async function countPolicySignatures(
  ctx: Reading,
  { former, next }: { former: StoredPolicy | undefined; next: StoredPolicy },
): Promise<SignatureCount[]> {
  const keys = mergeKeys(await next.keys(), (await former?.keys()) ?? []);
  const verifier = await ctx.verifier();
  const signers: KeyId[] = [];
  for (const armor of (await next.signatures()).values()) {
    const verification = await verifier.verify(next.bytes, armor, keys);
    if (verification.status === 'good') signers.push(verification.key);
  }
  return countSignatures(former?.policy, next.policy, signers);
}

/** Keys of two versions. One that was made anew in between has the same name, and counts as it is in the newer. */
function mergeKeys(newer: readonly PublicKey[], older: readonly PublicKey[]): PublicKey[] {
  const names = new Set(newer.map(({ key }) => key));
  return [...newer, ...older.filter(({ key }) => !names.has(key))];
}

/**
 * Judges one version by the one before it.
 *
 * @throws {MalformedError} naming every rule of succession that it breaks, or how many signatures it lacks
 */
async function requireSuccession(
  ctx: Reading,
  { former, next }: { former: StoredPolicy | undefined; next: StoredPolicy },
): Promise<void> {
  const what = `policy version ${next.policy.version} (commit ${next.commit})`;
  const faults = former === undefined ? firstFaults(next) : successionFaults(former.policy, next.policy);
  if (faults.length > 0) throw new MalformedError(what, faults.join('; '));
  const counts = await countPolicySignatures(ctx, { former, next });
  if (!isSigned(counts)) throw new MalformedError(what, `is signed by ${describeCounts(counts)}`);
}

function firstFaults({ policy, parent }: StoredPolicy): string[] {
  if (parent !== undefined) return ['version: has a parent, and is the first'];
  return policy.version === 1 ? [] : [`version: ${policy.version}, must be 1 in the first commit`];
}

/** Longer chains than this are taken for an attack: reading them would not end. */
const MAX_VERSIONS = 10_000;

/**
 * Reads the versions up to `tip` and judges each by the one before it.
 *
 * @returns them all, beginning with version 1
 * @throws {SnapshotError} of kind `untrusted` for the first that may not follow
 */
export async function readPolicyChain(ctx: Reading, tip: StoredPolicy): Promise<StoredPolicy[]> {
  if (tip.policy.version > MAX_VERSIONS)
    throw new SnapshotError('untrusted', `the policy says that it is version ${tip.policy.version}`);
  const chain = [tip];
  for (let at = tip; at.parent !== undefined; ) {
    // Each has one parent, and a lower version than the one that follows it, so this ends.
    const parent = await readPolicyCommit(ctx, at.parent);
    if (parent.policy.version >= at.policy.version)
      throw new MalformedError(
        `policy version ${at.policy.version} (commit ${at.commit})`,
        `stands on version ${parent.policy.version}`,
      );
    chain.push(parent);
    at = parent;
  }
  chain.reverse();
  for (const [i, next] of chain.entries()) await requireSuccession(ctx, { former: chain[i - 1], next });
  return chain;
}
