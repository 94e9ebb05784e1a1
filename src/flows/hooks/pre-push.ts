import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { LOG_REF, POLICY_REF, PROPOSAL_REFS } from '../../core/refs.ts';
import { governedRoot, isClientRef } from '../../core/share/governed-refs.ts';
import type { PushedUpdate } from '../../core/share/hook-input.ts';
import type { HookVerdict, RefusedChange } from '../../core/share/hook-verdict.ts';
import type { Context } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { readGovernedRefs } from '../share/governed-refs.ts';
import { judgeState } from '../share/judge-state.ts';
import { judgeProposals } from './judge-proposals.ts';
import { hasProtection, judgeProtected } from './judge-protected.ts';
import { judgeTogether } from './judge-together.ts';

/** What the clone's hook needs beside the repository. */
export interface PushGuard {
  /** Says whether the hook must look at pushes that change none of our refs. */
  readonly setProtecting: (on: boolean) => Promise<void>;
  /** The governed refs that the remote has. Asked for only where the push itself does not tell. */
  readonly remoteRefs: () => Promise<ReadonlyMap<string, Oid>>;
}

const HINT = 'Use "git snapshot push": it verifies, and sends what belongs together.';

/**
 * Judges what is pushed by hand, before it is sent: refs of ours go under their own names, from a repository that is sound,
 * together with the log that tells of them; other refs as the policy's `protect` rules say. A convenience: the server judges
 * for itself.
 */
export async function prePush(
  ctx: Context,
  { remote, updates }: { readonly remote: string; readonly updates: readonly PushedUpdate[] },
  guard: PushGuard,
): Promise<HookVerdict> {
  const governed = updates.filter(({ remoteRef }) => governedRoot(remoteRef) !== undefined || isClientRef(remoteRef));
  const ordinary = updates
    .filter((update) => !governed.includes(update))
    .map(({ remoteRef, localOid }) => ({ ref: remoteRef, to: localOid }));
  if (governed.length === 0 && (await ctx.store.readRef(POLICY_REF)) === null) return { refused: [] };
  const trusted = await trustedPolicy(ctx);
  if ('reason' in trusted) return { refused: [trusted] };
  await guard.setProtecting(hasProtection(trusted.policy));
  const refused = await judgeProtected(ctx, trusted, ordinary);
  if (governed.length === 0) return { refused };
  return { refused: [...refused, ...(await judgeGoverned(ctx, trusted, { remote, governed, guard }))] };
}

async function trustedPolicy(ctx: Context): Promise<TrustedPolicy | RefusedChange> {
  try {
    // Standard input is what git says, and not a person.
    return await loadPolicy({ ...ctx, confirm: undefined });
  } catch (error) {
    if (!(error instanceof SnapshotError) || error.kind === 'git') throw error;
    return { ref: POLICY_REF, rule: 'policy', reason: error.message, hint: error.hint };
  }
}

async function judgeGoverned(
  ctx: Context,
  trusted: TrustedPolicy,
  { remote, governed, guard }: { remote: string; governed: readonly PushedUpdate[]; guard: PushGuard },
): Promise<RefusedChange[]> {
  const local = await readGovernedRefs(ctx);
  const proposals = governed.filter(({ remoteRef }) => remoteRef.startsWith(PROPOSAL_REFS));
  const named = governed.flatMap((update) => nameFault(update, local) ?? []);
  if (named.length > 0) return named;
  const proposed = proposals.map(({ remoteRef, localOid }) => ({ ref: remoteRef, from: null, to: localOid }));
  const faults = await judgeProposals(ctx, trusted, proposed);
  const recorded = governed.filter((update) => !proposals.includes(update));
  if (faults.length > 0 || recorded.length === 0) return faults;
  const known = new Map(local);
  for (const { remoteRef } of recorded) known.delete(remoteRef);
  const { log, expected, findings } = await judgeState(ctx, { refs: local, known, deep: false, remember: true });
  if (findings.length > 0) {
    const hint = 'This repository is not sound: see "git snapshot log --verify". Nothing was sent.';
    return findings.map(({ rule, detail }) => ({ ref: LOG_REF, rule, reason: detail, hint }));
  }
  const apart = await judgeTogether(recorded, { log, expected, chain: await chainOf(ctx, log.tip), remote, ...guard });
  return apart.map((fault) => ({ hint: HINT, ...fault }));
}

async function chainOf({ store }: Context, tip: Oid | null): Promise<readonly Oid[]> {
  return tip === null ? [] : store.listChain(tip);
}

function nameFault(
  { remoteRef, localRef, localOid }: PushedUpdate,
  local: ReadonlyMap<string, Oid>,
): RefusedChange | undefined {
  if (isClientRef(remoteRef)) return { ref: remoteRef, reason: 'is for clones alone: a server has no such refs' };
  if (localOid === null) {
    // Whether it may go is for its own judge to say.
    if (remoteRef.startsWith(PROPOSAL_REFS)) return undefined;
    return { ref: remoteRef, reason: 'would be deleted there: what goes, the log says', hint: HINT };
  }
  const here = local.get(remoteRef);
  if (here === localOid) return undefined;
  const reason =
    here === undefined
      ? `would be made from '${localRef}', and there is no such ref here`
      : `would be ${localOid} ('${localRef}'), and here it is ${here}`;
  return { ref: remoteRef, reason, hint: HINT };
}
