import type { LogState } from '../../core/audit/judge-event.ts';
import { parseLoggedEvent } from '../../core/audit/logged-event.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { LOG_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { logFault, openLog } from './open-log.ts';
import { rememberedLog } from './read-chain.ts';
import { wayToMend } from './sound-log.ts';

/** What the next event is written on. */
export interface LogHead {
  readonly tip: Oid;
  readonly state: LogState;
  /** The notes so far, or undefined before the first event. */
  readonly notes: Oid | undefined;
}

/**
 * What the log ends in, if it is to be believed.
 *
 * @throws {SnapshotError} of kind `untrusted` for a log with findings: nothing is written on top of it
 */
export async function logHead(ctx: Context, trusted: TrustedPolicy): Promise<LogHead> {
  const tip = await ctx.store.readRef(LOG_REF);
  const { verified } = rememberedLog(await ctx.trust.recall(trusted.policy.repository), trusted, ctx.nowMs());
  // Nothing has moved since it was judged.
  const isKnown = tip !== null && verified?.oid === tip && verified.policyCommit === trusted.commit;
  const state = isKnown ? verified : await soundState(ctx, trusted);
  if (state.oid === null) throw new Error('a sound log has an event');
  const last = parseLoggedEvent(await ctx.store.readObject(state.oid), ctx.store.format);
  return { tip: state.oid, state, notes: last.commit.tree };
}

async function soundState(ctx: Context, trusted: TrustedPolicy): Promise<LogState> {
  const log = await openLog(ctx, trusted);
  const fault = logFault(log);
  if (fault === undefined) return log.state;
  throw new SnapshotError('untrusted', `the audit log is not to be believed: ${fault}`, {
    hint: `Nothing was written. ${wayToMend(log, ctx.nowMs())}`,
  });
}
