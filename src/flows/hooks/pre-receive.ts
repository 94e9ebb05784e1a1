import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { isGovernedRef, MIRROR_REFS, POLICY_REF, PROMOTION_REFS, PROPOSAL_REFS } from '../../core/refs.ts';
import { governedRoot, isClientRef } from '../../core/share/governed-refs.ts';
import { isZero, type ReceivedUpdate, type TransactionUpdate } from '../../core/share/hook-input.ts';
import type { HookVerdict, RefusedChange } from '../../core/share/hook-verdict.ts';
import type { Context } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { readGovernedRefs } from '../share/governed-refs.ts';
import type { JudgedState } from '../share/judge-state.ts';
import { withRefs } from '../share/ref-view.ts';
import type { RefGuard } from './guard-refs.ts';
import { judgeProposals } from './judge-proposals.ts';
import { hasProtection, judgeProtected } from './judge-protected.ts';
import { judgeStep } from './judge-step.ts';

const REPLACE_REFS = 'refs/replace/';

/** What the server's hook needs beside the repository. */
export interface ServerGuard {
  /** Says whether the hook must look at pushes that change none of our refs. */
  readonly setProtecting: (on: boolean) => Promise<void>;
}

/**
 * Judges what is pushed to a server, before any ref moves: what the repository would be with all of it, by its own policy and
 * log, every byte of what is new included. A push that concerns none of our refs, and none that the policy protects, is let be.
 * What the policy protects must be right without the refs of ours in the same push, too.
 *
 * Nobody is asked anything, and the pusher's name is not looked at: signatures say who did what.
 */
export async function preReceive(
  ctx: Context,
  { updates }: { readonly updates: readonly ReceivedUpdate[] },
  guard: ServerGuard,
): Promise<HookVerdict> {
  const replacements = updates.flatMap((update) => replacementFault(update) ?? []);
  if (replacements.length > 0) return { refused: replacements };
  const alone: Context = { ...ctx, confirm: undefined };
  const governed = updates.filter(({ ref }) => governedRoot(ref) !== undefined || isClientRef(ref));
  const ordinary = updates.filter((update) => !governed.includes(update));
  if (governed.length === 0) return { refused: await judgeOrdinary(alone, ordinary, guard) };
  const before = await readGovernedRefs(alone);
  const names = governed.flatMap((update) => nameFault(update, before) ?? []);
  if (names.length > 0) return { refused: names };
  const after = apply(before, governed);
  const { refused, next } = await judgeStep(alone, { before, after, isJudged: false });
  if (refused.length > 0 || next === undefined) return { refused };
  const { trusted } = next;
  const view: Context = { ...alone, store: withRefs(ctx.store, after) };
  const others = [
    ...governed.flatMap((update) => mirrorFault(update, next) ?? []),
    ...(await judgeProposals(view, trusted, governed)),
    ...(await judgeBothWays(ordinary, { former: { ...alone, store: withRefs(ctx.store, before) }, view, trusted })),
  ];
  // Set before the policy is in force, and removed only long after: what it costs is a look.
  if (hasProtection(trusted.policy)) await guard.setProtecting(true);
  else if (before.get(POLICY_REF) === after.get(POLICY_REF)) await guard.setProtecting(false);
  return { refused: others };
}

/**
 * Judges one transaction of refs on a server. Git makes one of each ref unless it was told to push all or nothing: what
 * passed as a whole would then come in parts, and one part could fail.
 *
 * @param state - of the transaction; git heeds a verdict on `prepared` alone
 */
export async function guardServerRefs(
  ctx: Context,
  { state, updates }: { readonly state: string; readonly updates: readonly TransactionUpdate[] },
  isPackedCopy: RefGuard['isPackedCopy'],
): Promise<HookVerdict> {
  if (state !== 'prepared') return { refused: [] };
  const governed: TransactionUpdate[] = [];
  for (const update of updates) {
    if (governedRoot(update.ref) === undefined || update.ref.startsWith(PROPOSAL_REFS)) continue;
    const isPacking = isZero(update.new) && !isZero(update.old) && (await isPackedCopy({ ...update, oid: update.old }));
    if (!isPacking) governed.push(update);
  }
  if (governed.length === 0) return { refused: [] };
  const before = await readGovernedRefs(ctx);
  const changes = governed.map(({ ref, new: to }) => ({ ref, to: isZero(to) ? null : (to as Oid) }));
  if (changes.every(({ ref, to }) => (before.get(ref) ?? null) === to)) return { refused: [] };
  const { refused } = await judgeStep(
    { ...ctx, confirm: undefined },
    { before, after: apply(before, changes), isJudged: true },
  );
  const hint = 'Refs and the log that tells of them go together: use "git snapshot push", or "git push --atomic".';
  return { refused: refused.map((change) => ({ ...change, hint })) };
}

/** @throws {SnapshotError} of kind `git` alone */
async function judgeOrdinary(
  ctx: Context,
  updates: readonly ReceivedUpdate[],
  { setProtecting }: ServerGuard,
): Promise<readonly RefusedChange[]> {
  if (updates.length === 0 || (await ctx.store.readRef(POLICY_REF)) === null) return [];
  let trusted: TrustedPolicy;
  try {
    trusted = await loadPolicy(ctx);
  } catch (error) {
    if (!(error instanceof SnapshotError) || error.kind === 'git') throw error;
    const reason = `it is not known which refs are protected: ${error.message}`;
    return [{ ref: POLICY_REF, rule: 'policy', reason, hint: 'Whoever runs the server has to mend it.' }];
  }
  await setProtecting(hasProtection(trusted.policy));
  return judgeProtected(ctx, trusted, updates);
}

/**
 * Judges ordinary refs that come together with refs of ours: by what the repository would be, and by what it is. A hook is
 * not told whether the push is atomic, and in any other the branch moves even if the snapshot that it needs is then refused.
 *
 * @throws {SnapshotError} if the policy that is here is not to be trusted, which was judged before
 */
async function judgeBothWays(
  updates: readonly ReceivedUpdate[],
  { former, view, trusted }: { former: Context; view: Context; trusted: TrustedPolicy },
): Promise<readonly RefusedChange[]> {
  const refused = await judgeProtected(view, trusted, updates);
  if (refused.length > 0 || updates.length === 0 || (await former.store.readRef(POLICY_REF)) === null) return refused;
  const early = await judgeProtected(former, await loadPolicy(former), updates);
  return early.map(({ ref, reason }) => ({
    ref,
    reason: `${reason}, as things are before this push`,
    hint: APART_HINT,
  }));
}

const APART_HINT =
  'Push the snapshots first, then this ref: "git snapshot push", then "git push". Git may take the one and not the other of a push.';

/**
 * This program reads what was signed, whatever replaces it. Git itself does not: one such ref over the log, and it takes no push of
 * snapshots any more. So nobody makes one on a server; whoever finds one there can delete it.
 */
function replacementFault({ ref, to }: ReceivedUpdate): RefusedChange | undefined {
  if (to === null || !ref.startsWith(REPLACE_REFS)) return undefined;
  return {
    ref,
    rule: 'ref',
    reason: `'${ref}' would have git take one object for another on this server`,
    hint: 'Keep replacements in your clone: a server with snapshots takes none.',
  };
}

/** What no push may do to a ref, whatever is in it. */
function nameFault({ ref, from, to }: ReceivedUpdate, before: ReadonlyMap<string, Oid>): RefusedChange | undefined {
  const refuse = (reason: string, hint?: string): RefusedChange => ({
    ref,
    rule: 'ref',
    reason: `'${ref}' ${reason}`,
    ...(hint === undefined ? {} : { hint }),
  });
  if (isClientRef(ref)) return to === null ? undefined : refuse('is for clones alone: a server has no such refs');
  if (!isGovernedRef(ref))
    return to === null ? undefined : refuse('is no name that git-snapshot gives, and would be in the way of those');
  const is = before.get(ref) ?? null;
  if (is === from) return undefined;
  return refuse(
    `is at ${is ?? 'nothing'}, and whoever pushed took it to be at ${from ?? 'nothing'}`,
    'Somebody else was first: run "git snapshot fetch", and push again.',
  );
}

/** A remote may lack tags that mirror promotions; where they are, nobody takes one away. */
function mirrorFault({ ref, to }: ReceivedUpdate, { trusted, expected }: JudgedState): RefusedChange | undefined {
  if (to !== null || !ref.startsWith(MIRROR_REFS) || trusted.policy.mirrorTags !== true) return undefined;
  const promotion = PROMOTION_REFS + ref.slice(MIRROR_REFS.length);
  if (!expected.has(promotion)) return undefined;
  return { ref, rule: 'ref', reason: `'${ref}' would be deleted, and '${promotion}', which it mirrors, stays` };
}

function apply(
  before: ReadonlyMap<string, Oid>,
  updates: readonly { readonly ref: string; readonly to: Oid | null }[],
): Map<string, Oid> {
  const after = new Map(before);
  for (const { ref, to } of updates) {
    if (!isGovernedRef(ref)) continue;
    if (to === null) after.delete(ref);
    else after.set(ref, to);
  }
  return after;
}
