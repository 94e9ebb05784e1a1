import { MalformedError, MissingObjectError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { PROPOSAL_REFS } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import { countPolicySignatures } from '../policy/judge-policy.ts';
import type { StoredPolicy } from '../policy/read-policy.ts';
import { readPolicyCommit } from '../policy/read-policy.ts';
import { writePolicyCommit } from '../policy/write-policy.ts';

/** Proposals of either side: those for versions that are still to come, under names of our grammar. */
export function openProposals(refs: ReadonlyMap<string, Oid>, versionInForce: number): Map<string, Oid> {
  return new Map([...refs].filter(([name]) => (proposedVersion(name) ?? 0) > versionInForce));
}

function proposedVersion(name: string): number | undefined {
  if (!name.startsWith(PROPOSAL_REFS)) return undefined;
  const version = /^([1-9][0-9]{0,8})-[0-9a-f]{12}$/.exec(name.slice(PROPOSAL_REFS.length))?.[1];
  return version === undefined ? undefined : Number(version);
}

/**
 * The proposals of both sides. None is lost, and none of ours gives way: where both have one, it gets the signatures of both.
 * One of the remote's that cannot be read does not come.
 */
export async function mergeProposals(
  ctx: Context,
  ours: ReadonlyMap<string, Oid>,
  theirs: ReadonlyMap<string, Oid>,
): Promise<Map<string, Oid>> {
  const merged = new Map(ours);
  for (const [name, oid] of theirs) {
    const own = ours.get(name);
    if (own === oid) continue;
    const proposed = await readProposal(ctx, oid);
    if (proposed === undefined) ctx.note(`warning: '${name}' there is no policy that could be proposed: not taken`);
    else if (own === undefined) merged.set(name, oid);
    else merged.set(name, await withSignaturesOf(ctx, { own, other: proposed }));
  }
  return merged;
}

/**
 * Which proposals a remote would get that no root has signed, of the policy in force or of the proposed one. A server with hooks
 * refuses all of a push for one of them, since anybody could fill it with these.
 */
export async function unsignedProposals(
  ctx: Context,
  { trusted, proposals }: { readonly trusted: StoredPolicy; readonly proposals: ReadonlyMap<string, Oid> },
  there: ReadonlyMap<string, Oid>,
): Promise<Set<string>> {
  const unsigned = new Set<string>();
  for (const [name, oid] of proposals) {
    if (there.get(name) === oid) continue;
    const next = await readProposal(ctx, oid);
    const counts = next && (await countPolicySignatures(ctx, { former: trusted, next }));
    if (counts?.some(({ signed }) => signed.length > 0) !== true) unsigned.add(name);
  }
  return unsigned;
}

async function readProposal(ctx: Context, oid: Oid): Promise<StoredPolicy | undefined> {
  try {
    const proposed = await readPolicyCommit(ctx, oid);
    await proposed.keys();
    await proposed.schemas();
    await proposed.signatures();
    return proposed;
  } catch (error) {
    // Anyone who can push can put anything there.
    if (error instanceof MalformedError || error instanceof MissingObjectError) return undefined;
    throw error;
  }
}

/** Our proposal with the other's signatures too; as it is where it has them, or where the other is another policy. */
async function withSignaturesOf(ctx: Context, { own, other }: { own: Oid; other: StoredPolicy }): Promise<Oid> {
  const ours = await readProposal(ctx, own);
  if (ours === undefined || ours.bytes !== other.bytes || ours.parent !== other.parent) return own;
  const [had, news] = [await ours.signatures(), await other.signatures()];
  // The remote's first, so that clones agree where both have the same.
  if ([...had.keys()].every((name) => news.has(name))) return other.commit;
  if ([...news.keys()].every((name) => had.has(name))) return own;
  return writePolicyCommit(ctx, {
    bytes: ours.bytes,
    version: ours.policy.version,
    parent: ours.parent,
    keys: await ours.keys(),
    schemas: await ours.schemas(),
    signatures: new Map([...news, ...had]),
    identity: await ctx.identity(),
  });
}
