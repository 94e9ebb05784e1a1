import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { LOG_REF, POLICY_REF } from '../../core/refs.ts';
import type { RemoteLockError } from '../../core/share/transport.ts';
import type { Context } from '../context.ts';
import { purgeAfterExchange } from '../retention/purge-after-exchange.ts';
import type { RemoteChoice } from './choose-remote.ts';
import { chooseRemote } from './choose-remote.ts';
import { ExchangeTally } from './exchange-tally.ts';
import { moveOurs } from './move-ours.ts';
import type { FinalState } from './plan-exchange.ts';
import { planExchange } from './plan-exchange.ts';
import { unsignedProposals } from './proposals.ts';
import { readLocal } from './read-local.ts';
import { readRemote } from './read-remote.ts';
import type { ShareResult } from './results.ts';
import { remoteMoves, sendToRemote } from './send.ts';
import { tellLive } from './tell-live.ts';

/** What to exchange with whom. */
export interface ShareOptions {
  /** Name or URL; undefined: the usual one. */
  readonly remote: string | undefined;
  /** Says what differs, and changes nothing but what is known of the remote. */
  readonly dryRun: boolean;
  /** Reads no content of snapshots that are new here. */
  readonly quick: boolean;
  /** Numbers of own events to leave out, that cannot stand on top of the remote's. */
  readonly drop: readonly number[];
  /** Gives the remote what it lacks, too. */
  readonly send: boolean;
}

/** How often everything is done anew because others write at the same time. */
const MAX_ATTEMPTS = 40;
/** How often the same lock may be in the way there while the log does not go on: whoever is at work has it for moments. */
const MAX_TIMES_LOCKED = 10;

/**
 * Takes what a remote has (fetched beside ours, verified, and only then moved to, by compare-and-swap) and gives it what it
 * lacks, on top of that. Nothing of ours is overwritten, and no event of anybody's is lost.
 */
export async function exchange(ctx: Context, options: ShareOptions): Promise<ShareResult> {
  const remote = await chooseRemote(ctx, options.remote);
  const tally = new ExchangeTally(remote.name, options.dryRun);
  let { drop } = options;
  let locked = { by: '', times: 0 };
  for (let tries = 1; tries <= MAX_ATTEMPTS; tries++) {
    const outcome = await attempt(ctx, { remote, tally, options: { ...options, drop } });
    if (outcome === 'done') {
      if (!options.dryRun && (await ctx.store.readRef(POLICY_REF)) !== null) {
        await purgeAfterExchange(ctx);
        await tellLive(ctx, tally.promotions);
      }
      return tally.result;
    }
    if (typeof outcome === 'object') {
      const by = `${outcome.lock.message} ${outcome.tip}`;
      locked = { by, times: locked.by === by ? locked.times + 1 : 1 };
      if (locked.times === MAX_TIMES_LOCKED) throw outcome.lock;
    }
    // What was left out is gone, and its number may be another event's now.
    if (outcome !== 'not-moved') drop = [];
    // Spread those that collided, the more the longer it goes on.
    await ctx.sleep(Number.parseInt(ctx.randomHex(2), 16) % (40 * tries));
  }
  throw new SnapshotError('conflict', `others write to '${remote.name}' all the time`, {
    hint: 'Nothing is half done. Run the command again when it is quieter.',
  });
}

/**
 * How far one attempt came before somebody else was faster: ours were not moved, or they were, and nothing was sent, maybe for a
 * lock that is there beside a log which ends so.
 */
type Outcome = 'done' | 'not-moved' | 'not-sent' | { readonly lock: RemoteLockError; readonly tip: Oid | undefined };

async function attempt(
  ctx: Context,
  { remote, tally, options }: { remote: RemoteChoice; tally: ExchangeTally; options: ShareOptions },
): Promise<Outcome> {
  const { dryRun, quick, drop, send } = options;
  const local = await readLocal(ctx);
  const theirs = await readRemote(ctx, { remote, local, quick, send });
  const plan = await planExchange(ctx, { remoteName: remote.name, local, remote: theirs, drop, dryRun });
  tally.begin(plan, { local, theirs });
  const unsigned = send ? await unsignedProposals(ctx, plan.final, theirs.refs) : new Set<string>();
  const final = withoutProposals(plan.final, unsigned);
  if (dryRun) {
    tally.received(plan);
    if (send) tally.sent(remoteMoves(theirs, final), plan);
    tellUnsigned(ctx, unsigned);
    return 'done';
  }
  if (!(await moveOurs(ctx, plan, { remote, local, theirs }))) return 'not-moved';
  tally.received(plan);
  if (!send) return 'done';
  const { isAll, moves, lock } = await sendToRemote(ctx, { remote, theirs, final });
  tally.sent(moves, plan);
  if (lock !== undefined) return { lock, tip: theirs.refs.get(LOG_REF) };
  if (!isAll) return 'not-sent';
  tellUnsigned(ctx, unsigned);
  return 'done';
}

function withoutProposals(final: FinalState, left: ReadonlySet<string>): FinalState {
  return { ...final, proposals: new Map([...final.proposals].filter(([name]) => !left.has(name))) };
}

function tellUnsigned(ctx: Context, unsigned: ReadonlySet<string>): void {
  for (const name of unsigned)
    ctx.note(
      `'${name}' stays here: no root has signed it. docs/policy.md says how to hand it to one; to withdraw it: git update-ref -d ${name}`,
    );
}
