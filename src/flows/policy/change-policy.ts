import type { ByteString } from '../../core/byte-string.ts';
import { MalformedError, SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { diffPolicies } from '../../core/policy/diff.ts';
import { encodePolicy, policyFaults } from '../../core/policy/policy.ts';
import { keysOf, personOf, rootPeople } from '../../core/policy/roles.ts';
import type { PolicyDraft } from '../../core/policy/source.ts';
import { isSigned, successionFaults } from '../../core/policy/succession.ts';
import { POLICY_REF, proposalRef } from '../../core/refs.ts';
import type { Signer } from '../../core/signing.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import { logHead } from '../log/log-head.ts';
import { publishOn } from '../log/publish.ts';
import { countPolicySignatures } from './judge-policy.ts';
import type { TrustedPolicy } from './load-policy.ts';
import type { StoredPolicy } from './read-policy.ts';
import { readPolicyCommit, signatureFileName } from './read-policy.ts';
import type { PolicyOutcome } from './results.ts';
import { warnOfLayout } from './warn-of-layout.ts';
import { policyEvent, writePolicyCommit } from './write-policy.ts';

/** Called once it is known what would change, and before anything is signed; throws to stop. */
export type ConfirmPolicy = (next: StoredPolicy | PolicyDraft) => Promise<void>;

interface ProposeOptions {
  readonly draft: PolicyDraft;
  readonly confirm: ConfirmPolicy | undefined;
  /** Other keys of this user that sign it too. */
  readonly also?: readonly Signer[];
}

/**
 * Signs a policy that is to follow the one in force. With all the signatures that it needs it comes into force at once;
 * else it is kept as a proposal, for others to sign.
 *
 * Whoever is in the policy may propose; only the signatures of root people count.
 *
 * @throws {SnapshotError} of kind `config` for a policy that may not follow, `untrusted` for who is not in it
 */
export async function proposePolicy(
  ctx: Context,
  trusted: TrustedPolicy,
  { draft, confirm, also = [] }: ProposeOptions,
): Promise<PolicyOutcome> {
  const { policy, keys, schemas } = draft;
  const faults = [...policyFaults(policy), ...successionFaults(trusted.policy, policy)];
  if (faults.length > 0) {
    throw new SnapshotError('config', `this policy cannot follow the one in force: ${faults.join('; ')}`, {
      hint: `Version ${trusted.policy.version} is in force. To change more of it at once, write a file: git snapshot policy show --yaml.`,
    });
  }
  if (diffPolicies(trusted.policy, policy).length === 0) {
    throw new SnapshotError('conflict', `the policy in force says the same (version ${trusted.policy.version})`, {
      hint: 'Nothing was signed.',
    });
  }
  const bytes = encodePolicy(policy);
  const signer = await proposer(ctx, trusted, draft);
  warnOfLayout(ctx, trusted.policy, policy);
  await confirm?.(draft);
  const former = await sameProposal(ctx, trusted, bytes);
  const commit = await writePolicyCommit(ctx, {
    bytes,
    version: policy.version,
    parent: trusted.commit,
    keys,
    schemas,
    signatures: new Map([...(former?.signatures ?? []), ...(await signaturesBy([signer, ...also], bytes))]),
    identity: await ctx.identity(),
  });
  const next = await readPolicyCommit(ctx, commit);
  return settle(ctx, trusted, { next, signer, former });
}

/** The very same policy, if it is proposed already: its signatures are kept. */
async function sameProposal(
  ctx: Context,
  trusted: TrustedPolicy,
  bytes: ByteString,
): Promise<(NonNullable<Settling['former']> & { readonly signatures: ReadonlyMap<string, ByteString> }) | null> {
  const ref = proposalRef({ version: trusted.policy.version + 1, digest: sha256Of(ctx, bytes) });
  const oid = await ctx.store.readRef(ref);
  if (oid === null) return null;
  try {
    const proposed = await readPolicyCommit(ctx, oid);
    const isSame = proposed.bytes === bytes && proposed.parent === trusted.commit;
    return { ref, oid, signatures: isSame ? await proposed.signatures() : new Map() };
  } catch (error) {
    // Anyone who can push can put anything there; it gives way to what is right.
    if (!(error instanceof MalformedError)) throw error;
    return { ref, oid, signatures: new Map() };
  }
}

/** Adds this user's signature to a proposed policy; with the last that it needs, it comes into force. */
export async function signProposal(
  ctx: Context,
  trusted: TrustedPolicy,
  { ref, proposed, confirm }: { ref: string; proposed: StoredPolicy; confirm: ConfirmPolicy | undefined },
): Promise<PolicyOutcome> {
  const faults = successionFaults(trusted.policy, proposed.policy);
  if (faults.length > 0 || proposed.parent !== trusted.commit || ref !== proposalRef(named(proposed))) {
    throw new SnapshotError('conflict', `the proposal '${ref}' does not follow the policy in force`, {
      hint:
        faults.length > 0
          ? `${faults.join('; ')}. Propose it anew with "git snapshot policy apply".`
          : 'It was made for another version. Propose it anew with "git snapshot policy apply".',
    });
  }
  const keys = await proposed.keys();
  const schemas = await proposed.schemas();
  const signer = await rootSigner(ctx, trusted, { policy: proposed.policy, keys, schemas });
  warnOfLayout(ctx, trusted.policy, proposed.policy);
  await confirm?.(proposed);
  const signatures = new Map(await proposed.signatures());
  signatures.set(signatureFileName(signer.key), await signer.sign(proposed.bytes));
  const commit = await writePolicyCommit(ctx, {
    bytes: proposed.bytes,
    version: proposed.policy.version,
    parent: trusted.commit,
    keys,
    schemas,
    signatures,
    identity: await ctx.identity(),
  });
  const next = await readPolicyCommit(ctx, commit);
  return settle(ctx, trusted, { next, signer, former: { ref, oid: proposed.commit } });
}

interface Settling {
  readonly next: StoredPolicy;
  readonly signer: Signer;
  /** The proposal that it replaces. */
  readonly former: { readonly ref: string; readonly oid: Oid } | null;
}

async function settle(ctx: Context, trusted: TrustedPolicy, settling: Settling): Promise<PolicyOutcome> {
  const { next, former, signer } = settling;
  const counts = await countPolicySignatures(ctx, { former: trusted, next });
  const ref = proposalRef(named(next));
  const hasRemote = (await ctx.remotes()).length > 0;
  const outcome = (kind: PolicyOutcome['outcome']): PolicyOutcome => ({
    hasRemote,
    outcome: kind,
    version: next.policy.version,
    digest: next.digest,
    signatures: counts,
    proposal: kind === 'proposed' ? ref : undefined,
  });
  // Only a root's word counts in the log; another has proposed what was complete already, and a root has to sign it once more.
  const mayAnnounce = [trusted, next].some(({ policy }) => rootPeople(policy, [signer.key]).size > 0);
  if (mayAnnounce && isSigned(counts)) {
    await enact(ctx, trusted, settling);
    return outcome('in-force');
  }
  await ctx.store.updateRefs(
    [{ name: ref, from: former?.oid ?? null, to: next.commit }],
    `snapshot: policy version ${next.policy.version} proposed`,
  );
  return outcome('proposed');
}

/** Puts a policy with all its signatures in force, with its event, in one transaction. */
async function enact(ctx: Context, trusted: TrustedPolicy, { next, signer, former }: Settling): Promise<void> {
  const { repository, version } = next.policy;
  const isRootAlready = rootPeople(trusted.policy, [signer.key]).size > 0;
  await publishOn(ctx, {
    before: async () => {
      const head = await logHead(ctx, trusted);
      return {
        event: policyEvent(ctx, {
          policy: next.policy,
          digest: next.digest,
          commit: next.commit,
          key: signer.key,
          seq: head.state.seq + 1,
          actor: personOf(isRootAlready ? trusted.policy : next.policy, signer.key),
        }),
        updates: [
          { name: POLICY_REF, from: trusted.commit, to: next.commit },
          ...(former === null ? [] : [{ name: former.ref, from: former.oid, to: null }]),
        ],
        reason: `snapshot: policy version ${version}`,
        result: undefined,
        head,
      };
    },
    signer,
    identity: await ctx.identity(),
    repository,
    guards: [{ name: POLICY_REF, from: trusted.commit, to: trusted.commit }],
  });
  await ctx.trust.remember(repository, { policy: { version, digest: next.digest } });
}

/** The signer for a key of a root of either version. @throws {SnapshotError} if this user is none */
async function rootSigner(ctx: Context, trusted: TrustedPolicy, next: PolicyDraft): Promise<Signer> {
  const roots = new Set([...keysOf(trusted.policy, 'root'), ...keysOf(next.policy, 'root')]);
  const keys = [...(await trusted.keys()), ...next.keys].filter(
    ({ key }, i, all) => roots.has(key) && all.findIndex((other) => other.key === key) === i,
  );
  return ctx.signer(keys);
}

/** A root, if this user is one; else whoever they are in the policy: all may propose. */
async function proposer(ctx: Context, trusted: TrustedPolicy, next: PolicyDraft): Promise<Signer> {
  try {
    return await rootSigner(ctx, trusted, next);
  } catch (error) {
    if (!(error instanceof SnapshotError) || error.kind !== 'untrusted') throw error;
    return ctx.signer(await trusted.keys());
  }
}

async function signaturesBy(signers: readonly Signer[], bytes: ByteString): Promise<Map<string, ByteString>> {
  const signatures = new Map<string, ByteString>();
  for (const signer of signers) signatures.set(signatureFileName(signer.key), await signer.sign(bytes));
  return signatures;
}

function named({ policy, digest }: StoredPolicy): { version: number; digest: string } {
  return { version: policy.version, digest };
}

/** What the digest of a file is, as policies write it. */
export function fileDigest(ctx: Pick<Context, 'digest'>): (bytes: ByteString) => string {
  return (bytes) => sha256Of(ctx, bytes);
}
