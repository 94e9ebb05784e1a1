import { RefConflictError, SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { RefUpdate } from '../../core/ports.ts';
import { LOG_REF, PROPOSAL_REFS } from '../../core/refs.ts';
import { nextStage } from '../../core/share/push-stages.ts';
import { movesBetween, targetRefs } from '../../core/share/target-refs.ts';
import type { RemoteRefUpdate } from '../../core/share/transport.ts';
import { RemoteLockError, requirePushed, spokenLines } from '../../core/share/transport.ts';
import type { Context } from '../context.ts';
import type { RemoteChoice } from './choose-remote.ts';
import { noteVerified } from './move-ours.ts';
import type { FinalState } from './plan-exchange.ts';
import type { RemoteState } from './read-remote.ts';

/** What was sent, and whether that was all. Not all: somebody else pushed meanwhile, or a lock is in the way. */
export interface Sent {
  readonly isAll: boolean;
  readonly moves: readonly RefUpdate[];
  readonly lock?: RemoteLockError;
}

/** What a remote lacks of a state, and what it has too much. Proposals of its own stay. */
export function remoteMoves(theirs: RemoteState, final: FinalState): RefUpdate[] {
  return movesBetween(ownRefs(theirs, final), targetRefs(final));
}

function ownRefs({ refs }: RemoteState, { proposals }: FinalState): ReadonlyMap<string, Oid> {
  return new Map([...refs].filter(([name]) => !name.startsWith(PROPOSAL_REFS) || proposals.has(name)));
}

/**
 * Pushes what a remote lacks, atomically, and only where it still is as it was fetched.
 *
 * @throws {SnapshotError} where the other side refuses, with what it says
 */
export async function sendToRemote(
  ctx: Context,
  { remote, theirs, final }: { remote: RemoteChoice; theirs: RemoteState; final: FinalState },
): Promise<Sent> {
  const transport = await ctx.transport();
  const moves: RefUpdate[] = [];
  let current = ownRefs(theirs, final);
  let sentEvents = theirs.judged?.log.events.length ?? 0;
  for (;;) {
    const stage = nextStage(current, final, { sentEvents });
    if (stage === undefined) break;
    const { updates } = stage;
    let spoken: readonly string[] = [];
    try {
      const result = await transport.pushRefs(remote.name, updates, { atomic: true, report: ctx.report });
      spoken = spokenLines(result);
      requirePushed(result, remote.name);
    } catch (error) {
      if (error instanceof RemoteLockError) return { isAll: false, moves, lock: error };
      // Whatever the other side says: where somebody else was faster, that is of no interest.
      if (!(error instanceof SnapshotError) || !(await isOvertaken(ctx, { remote, error, updates }))) {
        for (const line of spoken) ctx.note(line);
        throw error;
      }
      return { isAll: false, moves };
    }
    await trackSent(ctx, remote, updates);
    moves.push(...updates.map(({ ref, to, expected }) => ({ name: ref, from: expected, to })));
    current = stage.after;
    sentEvents = stage.sentEvents;
  }
  if (movesBetween(current, targetRefs(final)).length > 0) {
    throw new SnapshotError('git', `one event has more refs than one push to '${remote.name}' can hold`, {
      hint: 'What fits was sent. Push the rest with plain git, see docs/sharing.md.',
    });
  }
  await noteVerified(ctx, remote, final.tip);
  return { isAll: true, moves };
}

/** Whether a push failed because somebody else pushed, or it went through and only its answer was lost. */
async function isOvertaken(
  ctx: Context,
  { remote, error, updates }: { remote: RemoteChoice; error: SnapshotError; updates: readonly RemoteRefUpdate[] },
): Promise<boolean> {
  if (error instanceof RefConflictError) return true;
  const log = updates.find(({ ref }) => ref === LOG_REF);
  if (log === undefined) return false;
  const [there] = await (await ctx.transport()).listRemoteRefs(remote.name, [LOG_REF]);
  return (there?.oid ?? null) !== log.expected;
}

/** The tracking namespace has what the remote has now, without asking it. */
async function trackSent(ctx: Context, { space }: RemoteChoice, updates: readonly RemoteRefUpdate[]): Promise<void> {
  const tracking = updates.map(({ ref, to, expected }) => ({ name: space.of(ref), from: expected, to }));
  try {
    await ctx.store.updateRefs(tracking, 'snapshot: pushed');
  } catch (error) {
    // Another process has fetched just now, and knows better.
    if (!(error instanceof RefConflictError)) throw error;
  }
}
