import { MalformedError, MissingObjectError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { successionFaults } from '../../core/policy/succession.ts';
import { PROPOSAL_REFS, proposalRef } from '../../core/refs.ts';
import type { ReceivedUpdate } from '../../core/share/hook-input.ts';
import type { RefusedChange } from '../../core/share/hook-verdict.ts';
import type { Context } from '../context.ts';
import { countPolicySignatures } from '../policy/judge-policy.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { StoredPolicy } from '../policy/read-policy.ts';
import { readPolicyCommit } from '../policy/read-policy.ts';

/**
 * Judges changes of the refs of policies that still lack signatures. One that is new must be able to follow the policy in
 * force, and bear a root's signature; it may only gain signatures, and go once its version, or a later one, is in force.
 */
export async function judgeProposals(
  ctx: Context,
  trusted: TrustedPolicy,
  updates: readonly Pick<ReceivedUpdate, 'ref' | 'from' | 'to'>[],
): Promise<RefusedChange[]> {
  const refused: RefusedChange[] = [];
  for (const update of updates) {
    if (!update.ref.startsWith(PROPOSAL_REFS)) continue;
    const fault = await faultOf(ctx, trusted, update);
    if (fault !== undefined) refused.push({ ref: update.ref, rule: 'proposal', reason: `'${update.ref}' ${fault}` });
  }
  return refused;
}

async function faultOf(
  ctx: Context,
  trusted: TrustedPolicy,
  { ref, from, to }: Pick<ReceivedUpdate, 'ref' | 'from' | 'to'>,
): Promise<string | undefined> {
  if (to === null) {
    const version = Number(/^[1-9]\d*/.exec(ref.slice(PROPOSAL_REFS.length))?.[0] ?? 0);
    return version <= trusted.policy.version ? undefined : `would be deleted, and version ${version} is not in force`;
  }
  const next = await readProposal(ctx, to);
  if (typeof next === 'string') return next;
  const named = proposalRef({ version: next.policy.version, digest: next.digest });
  if (ref !== named) return `holds the proposal of '${named}'`;
  if (next.parent !== trusted.commit) return `does not follow version ${trusted.policy.version}, which is in force`;
  const faults = successionFaults(trusted.policy, next.policy);
  if (faults.length > 0) return `cannot follow the policy in force: ${faults.join('; ')}`;
  const signed = await signersOf(ctx, trusted, next);
  if (signed.size === 0) return 'is signed by no root';
  const former = from === null ? undefined : await readProposal(ctx, from);
  if (former === undefined || typeof former === 'string') return undefined;
  const before = await signersOf(ctx, trusted, former);
  const isMore = signed.size > before.size && [...before].every((signer) => signed.has(signer));
  return isMore ? undefined : 'is there already, and would lose a signature or gain none';
}

/** The proposal, or why it is none. */
async function readProposal(ctx: Context, oid: Oid): Promise<StoredPolicy | string> {
  try {
    return await readPolicyCommit(ctx, oid);
  } catch (error) {
    if (error instanceof MalformedError || error instanceof MissingObjectError) return `is no policy: ${error.message}`;
    throw error;
  }
}

/** Root people, of either version, whose good signature it has. */
async function signersOf(ctx: Context, trusted: TrustedPolicy, next: StoredPolicy): Promise<ReadonlySet<string>> {
  const counts = await countPolicySignatures(ctx, { former: trusted, next });
  return new Set(counts.flatMap(({ version, signed }) => signed.map((person) => `${version} ${person}`)));
}
