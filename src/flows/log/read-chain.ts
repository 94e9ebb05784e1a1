import type { LogState } from '../../core/audit/judge-event.ts';
import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import type { Oid } from '../../core/oid.ts';
import type { Context, Remembered } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { MAX_SKEW_SEC } from './log-walk.ts';

/** The log's commits, and what is known of them. */
interface Chain {
  /** Events that were verified before, the log's first ones, and are not read again. */
  readonly kept: readonly LoggedEvent[];
  /** The commits after these, oldest first. */
  readonly chain: readonly Oid[];
  /** What the log had come to when it was met last. */
  readonly seen: LogState | undefined;
  /** The same, if all up to there was verified. */
  readonly verified: LogState | undefined;
}

type Reading = Pick<Context, 'store' | 'trust' | 'nowMs'>;

/** Lists the log, as far as it must be read to know its events. */
export async function readChain(ctx: Reading, trusted: TrustedPolicy, tip: Oid): Promise<Chain> {
  const { repository } = trusted.policy;
  const first = rememberedLog(await ctx.trust.recall(repository), trusted, ctx.nowMs());
  const known = first.verified && (await afterKept(ctx, { repository, tip, verified: first.verified }));
  if (known !== undefined) return { ...known, ...first };
  const chain = await ctx.store.listChain(tip);
  if (first.seen === undefined || hasCommit(chain, first.seen)) return { kept: [], chain, ...first };
  // Another process may just have put own events on top of a remote's, and remembers that.
  const again = rememberedLog(await ctx.trust.recall(repository, { anew: true }), trusted, ctx.nowMs());
  return { kept: [], chain, ...again };
}

/**
 * The events that are kept, and the commits after them. What is kept decides nothing: it only saves reading what the state that
 * was verified vouches for, so all of it must come before that state, and both in the log.
 */
async function afterKept(
  { store, trust }: Reading,
  { repository, tip, verified }: { repository: string; tip: Oid; verified: LogState },
): Promise<Pick<Chain, 'kept' | 'chain'> | undefined> {
  const kept = await trust.recallEvents(repository);
  const last = kept?.at(-1);
  if (kept === undefined || last === undefined || last.event.seq > verified.seq) return undefined;
  const chain = await store.listChainAfter(tip, last.oid);
  if (chain === undefined || (last.oid !== verified.oid && !hasCommit(chain, verified))) return undefined;
  return { kept, chain };
}

/** Whether the log goes through the state. */
export function hasCommit(chain: readonly Oid[], { oid }: LogState): boolean {
  return oid !== null && chain.includes(oid);
}

/**
 * What was met before, and whether it was verified. It counts as long as it followed from the same first policy, and is not of
 * the future: the clock may have been wrong when it was verified.
 */
export function rememberedLog(
  remembered: Remembered | undefined,
  { root }: Pick<TrustedPolicy, 'root'>,
  nowMs: number,
): { seen: LogState | undefined; verified: LogState | undefined } {
  const seen = remembered?.root === root ? remembered.log : undefined;
  const isOfFuture = seen !== undefined && seen.latestAtSec * 1000 > nowMs + MAX_SKEW_SEC * 1000;
  return { seen, verified: remembered?.verified.log && !isOfFuture ? seen : undefined };
}
