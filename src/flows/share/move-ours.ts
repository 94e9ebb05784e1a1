import { RefConflictError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { LOG_REF, POLICY_REF } from '../../core/refs.ts';
import { targetRefs } from '../../core/share/target-refs.ts';
import type { Context } from '../context.ts';
import { governedSet } from '../policy/governed-set.ts';
import type { RemoteChoice } from './choose-remote.ts';
import { judgeState } from './judge-state.ts';
import type { ExchangePlan } from './plan-exchange.ts';
import type { LocalState } from './read-local.ts';
import type { RemoteState } from './read-remote.ts';

/** What was planned on. */
interface Planned {
  readonly remote: RemoteChoice;
  readonly local: LocalState;
  readonly theirs: RemoteState;
}

/**
 * Moves our refs, all or none, and only if they are still what the plan was made on.
 *
 * @returns false where somebody moved them meanwhile: nothing happened, and the plan has to be made anew
 */
export async function moveOurs(ctx: Context, plan: ExchangePlan, planned: Planned): Promise<boolean> {
  const { moves, final, common } = plan;
  const { remote, local, theirs } = planned;
  if (moves.length > 0) {
    if (plan.relation === 'diverged') await demandSound(ctx, plan, theirs);
    if (common !== undefined) await ctx.trust.remember(final.repository, common);
    const moved = new Set(moves.map(({ name }) => name));
    // No change, but the transaction fails if they were moved.
    const guards = [LOG_REF, POLICY_REF].flatMap((name) => {
      const oid = local.refs.get(name) ?? null;
      return moved.has(name) ? [] : [{ name, from: oid, to: oid }];
    });
    try {
      await ctx.store.updateRefs([...moves, ...guards], `snapshot: as '${remote.name}' has it`);
    } catch (error) {
      if (!(error instanceof RefConflictError)) throw error;
      return false;
    }
    await followTags(ctx, plan);
  }
  await ctx.trust.remember(final.repository, final.memory);
  if (theirs.judged?.log.tip) await noteVerified(ctx, remote, theirs.judged.log.tip);
  return true;
}

/**
 * What was signed again is judged as if it had come from somebody else: whatever others would refuse is never published.
 *
 * @throws {Error} if it is not good, which is a bug of this program
 */
async function demandSound(ctx: Context, { final }: ExchangePlan, theirs: RemoteState): Promise<void> {
  const { judged } = theirs;
  if (judged === undefined) return;
  const refs = targetRefs(final);
  const { root } = judged.trusted;
  const verified = { policy: false, log: true };
  const trust: Context['trust'] = {
    ...ctx.trust,
    recall: async () => ({ root, policy: undefined, log: judged.log.state, verified }),
  };
  const { findings } = await judgeState({ ...ctx, trust }, { refs, known: theirs.refs, deep: false, remember: false });
  const [first] = findings;
  if (first !== undefined)
    throw new Error(`events that were signed again are not good: ${first.rule}: ${first.detail}`);
}

/** The directory should still be the snapshot that it should be, whatever that is called now. */
async function followTags(ctx: Context, { movedTags, final }: ExchangePlan): Promise<void> {
  if (movedTags.size === 0 || ctx.isBare) return;
  const { policy } = final.trusted;
  for (const name of Object.keys(policy.sets)) {
    const workdir = await ctx.workdir(governedSet(policy, name));
    const tag = await workdir.readExpected();
    const now = tag && movedTags.get(tag);
    if (now !== undefined) await workdir.setExpected(now);
  }
}

/** Remembers the end of a remote's log that was found good. It only serves to notice that it goes back. */
export async function noteVerified(ctx: Context, { space }: RemoteChoice, tip: Oid): Promise<void> {
  const name = space.verifiedLog;
  const from = await ctx.store.readRef(name);
  if (from === tip) return;
  try {
    await ctx.store.updateRefs([{ name, from, to: tip }], 'snapshot: verified');
  } catch (error) {
    // Another process has just noted what it found.
    if (!(error instanceof RefConflictError)) throw error;
  }
}
