import type { ByteString } from '../../core/byte-string.ts';
import { MalformedError, SnapshotError } from '../../core/errors.ts';
import type { PolicyChange } from '../../core/policy/diff.ts';
import { diffPolicies } from '../../core/policy/diff.ts';
import type { Policy } from '../../core/policy/schema.ts';
import type { PolicyDraft } from '../../core/policy/source.ts';
import { draftPolicy } from '../../core/policy/source.ts';
import { successionFaults } from '../../core/policy/succession.ts';
import { PROPOSAL_REFS } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import { openLog } from '../log/open-log.ts';
import { fileDigest } from './change-policy.ts';
import { countPolicySignatures } from './judge-policy.ts';
import type { TrustedPolicy } from './load-policy.ts';
import type { StoredPolicy } from './read-policy.ts';
import { readPolicyCommit } from './read-policy.ts';
import type { PolicyProposal, PolicyVersionInfo } from './results.ts';
import { warnOfLayout } from './warn-of-layout.ts';

/** A version of the policy: the one in force, or the one of that number. @throws {SnapshotError} `not-found` */
export async function policyVersion(trusted: TrustedPolicy, version: number | undefined): Promise<StoredPolicy> {
  if (version === undefined || version === trusted.policy.version) return trusted;
  const found = (await trusted.timeline()).version(version);
  if (found !== undefined) return found;
  throw new SnapshotError('not-found', `there is no version ${version} of the policy`, {
    hint: `Versions 1 to ${trusted.policy.version} are there.`,
  });
}

/** Every version, newest first: who signed it, and since which event it is in force. */
export async function policyHistory(ctx: Context, trusted: TrustedPolicy): Promise<PolicyVersionInfo[]> {
  const timeline = await trusted.timeline();
  const { events } = await openLog(ctx, trusted);
  const versions: PolicyVersionInfo[] = [];
  for (let version = trusted.policy.version; version >= 1; version--) {
    const next = await policyVersion(trusted, version);
    const former = timeline.version(version - 1);
    const logged = events.find(({ event }) => event.type === 'policy' && event.policy.version === version);
    versions.push({
      version,
      digest: next.digest,
      commit: next.commit,
      since:
        logged === undefined
          ? undefined
          : { seq: logged.event.seq, atSec: Math.floor(Date.parse(logged.event.at) / 1000), actor: logged.event.actor },
      signatures: await countPolicySignatures(ctx, { former, next }),
      changes: former === undefined ? [] : diffPolicies(former.policy, next.policy),
    });
  }
  return versions;
}

/** Policies that still lack signatures, with those that can follow the one in force first. */
export async function listProposals(ctx: Context, trusted: TrustedPolicy): Promise<PolicyProposal[]> {
  const proposals: PolicyProposal[] = [];
  for (const { name: ref, oid } of await ctx.store.listRefs(PROPOSAL_REFS)) {
    try {
      const proposed = await readPolicyCommit(ctx, oid);
      const isStale =
        proposed.parent !== trusted.commit || successionFaults(trusted.policy, proposed.policy).length > 0;
      const { version } = proposed.policy;
      const { digest } = proposed;
      const counts = isStale ? [] : await countPolicySignatures(ctx, { former: trusted, next: proposed });
      proposals.push({ ref, version, digest, isStale, signatures: counts, proposed });
    } catch (error) {
      // Anyone who can push can put anything there.
      if (!(error instanceof MalformedError)) throw error;
      ctx.note(`warning: '${ref}' is not a policy: ${error.message}`);
    }
  }
  return proposals.sort((a, b) => Number(a.isStale) - Number(b.isStale));
}

/** @throws {SnapshotError} where the version that is meant needs no signatures any more */
function refuseSettled({ policy }: TrustedPolicy, word = ''): void {
  const [, digits] = /^(\d{1,9})(?:-[0-9a-f]+)?$/.exec(word) ?? [];
  const version = Number(digits);
  if (digits === undefined || version < 1 || version > policy.version) return;
  const isNow = version === policy.version;
  throw new SnapshotError(
    'not-found',
    `version ${version} of the policy ${isNow ? 'is in force already' : `was in force already; now it is version ${policy.version}`}`,
    { hint: 'There is nothing left to sign; "git snapshot policy history" tells who did.' },
  );
}

/**
 * The proposal that is meant: by version, by the end of its ref or the beginning of its digest; without a word, the only one.
 *
 * @throws {SnapshotError} `not-found`, or `usage` where several are meant
 */
export async function chooseProposal(
  ctx: Context,
  trusted: TrustedPolicy,
  word: string | undefined,
): Promise<PolicyProposal> {
  const proposals = await listProposals(ctx, trusted);
  const isMeant = ({ ref, version, digest }: PolicyProposal) =>
    word === undefined || word === String(version) || ref.endsWith(`/${word}`) || digest.startsWith(word);
  const matching = proposals.filter((proposal) => isMeant(proposal) && (word !== undefined || !proposal.isStale));
  const [only, other] = matching;
  if (only === undefined) {
    refuseSettled(trusted, word);
    throw new SnapshotError(
      'not-found',
      word === undefined ? 'no policy waits for signatures' : `no proposed policy is called '${word}'`,
      { hint: 'Whoever proposes one runs "git snapshot policy apply", and shares it by push and fetch.' },
    );
  }
  if (other !== undefined) {
    throw new SnapshotError('usage', `several policies wait for signatures`, {
      hint: `Name one: ${matching.map(({ ref }) => ref.slice(PROPOSAL_REFS.length)).join(', ')}.`,
    });
  }
  return only;
}

/**
 * Reads the policy that people wrote, and makes of it the one to follow.
 *
 * @param options.file - undefined: the usual one
 * @param options.mustFollow - whether it is a fault that it cannot follow the one in force
 * @throws {SnapshotError} of kind `config` with every fault
 */
export async function readDraft(
  ctx: Context,
  trusted: TrustedPolicy,
  { file, mustFollow }: { file: string | undefined; mustFollow: boolean },
): Promise<PolicyDraft> {
  const source = await ctx.policySource(file);
  const known = await trusted.keys();
  const schemas = new Map([...(await trusted.schemas()), ...source.schemas]);
  return draftPolicy(source.document, source.path, {
    repository: trusted.policy.repository,
    former: mustFollow ? trusted.policy : undefined,
    // A key in force stays as it is unless a newer file of it lies beside the policy.
    keys: [...source.keys, ...known].filter(({ key }, i, all) => all.findIndex((other) => other.key === key) === i),
    schemas,
    schemaFaults: await schemaFaults(ctx, schemas),
    digestOf: fileDigest(ctx),
  });
}

/** What gates could not use, and why. A policy without schemas starts nothing for it. */
async function schemaFaults(
  ctx: Pick<Context, 'gates'>,
  schemas: ReadonlyMap<string, ByteString>,
): Promise<ReadonlyMap<string, string>> {
  const faults = new Map<string, string>();
  for (const [name, schema] of schemas) {
    const fault = await (await ctx.gates()).schemaFault(schema);
    if (fault !== undefined) faults.set(name, fault);
  }
  return faults;
}

/** What a policy that people wrote would change, and mean. Faults of succession are told of, not thrown. */
export function diffDraft(
  ctx: Pick<Context, 'note'>,
  trusted: TrustedPolicy,
  { policy }: { readonly policy: Policy },
): { changes: PolicyChange[]; faults: string[] } {
  warnOfLayout(ctx, trusted.policy, policy);
  return {
    changes: diffPolicies(trusted.policy, policy),
    faults: successionFaults(trusted.policy, policy),
  };
}
