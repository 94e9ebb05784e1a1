import { summarizeEvent } from '../../core/audit/describe-event.ts';
import type { LogState } from '../../core/audit/judge-event.ts';
import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { personOf } from '../../core/policy/roles.ts';
import { DROPPED_REFS } from '../../core/refs.ts';
import { expectOnTop, formerName } from '../../core/share/expect-on-top.ts';
import { sameDeeds } from '../../core/share/same-deed.ts';
import { snapshotId } from '../../core/snapshot/manifest.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import { type Actor, actorFor } from '../log/actor.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { unfinishedError } from '../rollback/unfinished-error.ts';
import type { JudgedState } from './judge-state.ts';
import type { LogMemory } from './log-memory.ts';
import { commonMemory } from './log-memory.ts';
import type { GovernedState } from './read-local.ts';
import type { StuckEvent } from './rebase-log.ts';
import { foreseeStuck, rebaseLog } from './rebase-log.ts';
import type { LeftOutEvent, RebasedEvent } from './results.ts';

/** Two logs that went apart. */
export interface Divergence {
  readonly remoteName: string;
  readonly governed: GovernedState;
  readonly judged: Omit<JudgedState, 'findings'>;
  /** Commits that both have. */
  readonly theirChain: ReadonlySet<Oid>;
}

/** Own events on top of the remote's. */
export interface PutOnTop {
  /** In a dry run nothing is signed, and the events are as they are to be expected. */
  readonly log:
    | { readonly events: readonly LoggedEvent[]; readonly state: LogState; readonly trusted: TrustedPolicy }
    | { readonly events: readonly LoggedEvent[]; readonly state: undefined };
  readonly rebased: readonly RebasedEvent[];
  readonly leftOut: readonly LeftOutEvent[];
  readonly movedTags: ReadonlyMap<Oid, Oid>;
  /** Tags that own events came with. */
  readonly ownTags: ReadonlySet<Oid>;
  /** Below which refs to keep what gives way. */
  readonly keepBelow: string;
  readonly common: LogMemory;
}

/**
 * Puts own events on top of a remote's log, signed again. Events of other people are never touched, and no ref is moved.
 *
 * @throws {SnapshotError} `conflict` where somebody else's event is in the way, or one of our own cannot stand there
 */
export async function putOnTop(
  ctx: Context,
  { remoteName, governed, judged, theirChain }: Divergence,
  { drop, dryRun }: { readonly drop: readonly number[]; readonly dryRun: boolean },
): Promise<PutOnTop> {
  const [unfinished] = await ctx.unfinishedSets();
  if (unfinished !== undefined) throw unfinishedError({ set: unfinished.set.name, heldBy: unfinished.heldBy });
  const own = governed.log.events.filter(({ oid }) => !theirChain.has(oid));
  const news = judged.log.events.filter(({ oid }) => !theirChain.has(oid));
  const leave = reasonsToLeave(own, news, drop);
  const trusted = await laterPolicy(governed.trusted, judged.trusted);
  const common = await commonMemory(governed, theirChain);
  if (common === undefined) throw new Error('logs that went apart have a first event in common');
  const ownTags = new Set(own.flatMap(tagsOf));
  const keepBelow = `${DROPPED_REFS}${snapshotId(nowSec(ctx), ctx.randomHex(6))}/`;
  const made = { ownTags, keepBelow, common };
  const left = own.filter(({ event }) => !leave.has(event.seq));
  // Whoever leaves out all needs no key.
  if (left.length === 0) {
    const { rebased, leftOut, movedTags } = announced({ own, kept: [], expected: [] }, leave, judged.log);
    return {
      ...made,
      log: { events: judged.log.events, state: judged.log.state, trusted },
      rebased,
      leftOut,
      movedTags,
    };
  }
  const actor = await signerAgain(ctx, { trusted, remoteName, left, drop });
  const person = personOf(governed.trusted.policy, actor.signer.key) ?? personOf(trusted.policy, actor.signer.key);
  refuseForeign(
    remoteName,
    left.filter(({ event }) => event.actor !== person),
  );
  const growing = { base: judged.log.events, forkSeq: common.log.seq, timeline: await trusted.timeline(), actor };
  if (dryRun) {
    const expected = expectOnTop(judged.log.events, left);
    tellStuck(ctx, foreseeStuck(ctx, { ...growing, own: expected }));
    return { ...made, ...announced({ own, kept: left, expected }, leave, judged.log) };
  }
  await actor.signer.unlock();
  const { events, state, rebased, leftOut, stuck, movedTags } = await rebaseLog(ctx, { ...growing, own, leave });
  if (stuck.length > 0) throw refuseStuck(ctx, remoteName, { stuck, drop });
  return { ...made, log: { events, state, trusted }, rebased, leftOut, movedTags };
}

/** Who signs own events again. @throws {SnapshotError} of kind `untrusted` for who cannot, with the way to leave them out */
async function signerAgain(
  ctx: Context,
  {
    trusted,
    remoteName,
    left,
    drop,
  }: { trusted: TrustedPolicy; remoteName: string; left: readonly LoggedEvent[]; drop: readonly number[] },
): Promise<Actor> {
  try {
    return await actorFor(ctx, trusted);
  } catch (error) {
    if (!(error instanceof SnapshotError) || error.kind !== 'untrusted') throw error;
    const { version } = trusted.policy;
    const known = new Set((await trusted.keys()).map(({ key }) => key));
    const gone = [...new Set(left.map(({ event }) => event.key))].filter((key) => !known.has(key));
    const seqs = left.map(({ event }) => event.seq);
    const what = `${seqs.length === 1 ? `event ${seqs[0]}` : `${seqs.length} events`} that '${remoteName}' does not have`;
    const why =
      gone.length === 0
        ? (error.hint ?? '')
        : `Version ${version} does not have ${gone.join(', ')} any more: bring the key here that took its place.`;
    throw new SnapshotError('untrusted', `nobody can sign ${what} again: ${error.message}`, {
      cause: error,
      hint: `${why} Or leave out what is of no use: git snapshot sync ${dropWords([...drop, ...seqs])}.`,
    });
  }
}

/** Own events that are not put on top of the remote's, by number, and why. */
function reasonsToLeave(
  own: readonly LoggedEvent[],
  news: readonly LoggedEvent[],
  drop: readonly number[],
): ReadonlyMap<number, string> {
  const leave = new Map<number, string>();
  for (const [seq, there] of sameDeeds(own, news)) leave.set(seq, `it is there already, as event ${there}`);
  for (const seq of drop) {
    if (!own.some(({ event }) => event.seq === seq)) {
      throw new SnapshotError('usage', `event ${seq} is not one that only this clone has`, {
        hint: `Those are: ${own.map(({ event }) => event.seq).join(', ')}.`,
      });
    }
    leave.set(seq, 'left out, as you said');
  }
  return leave;
}

/** Of two policies, the one that follows from the other; the remote's where neither does: its number was taken there. */
async function laterPolicy(ours: TrustedPolicy, theirs: TrustedPolicy): Promise<TrustedPolicy> {
  const sameNumber = (await ours.timeline()).version(theirs.policy.version);
  return sameNumber?.commit === theirs.commit ? ours : theirs;
}

function tagsOf({ event }: LoggedEvent): Oid[] {
  if (event.type === 'snapshot') return [event.snapshot.tag];
  return event.type === 'promotion' || event.type === 'approval' || event.type === 'hold' ? [event.tag] : [];
}

function announced(
  { own, kept, expected }: Readonly<Record<'own' | 'kept' | 'expected', readonly LoggedEvent[]>>,
  leave: ReadonlyMap<number, string>,
  there: JudgedState['log'],
) {
  const leftOut = own.flatMap(({ event }): LeftOutEvent[] => {
    const { type, seq } = event;
    const reason = leave.get(seq);
    return reason === undefined ? [] : [{ type, description: summarizeEvent(event), seq, reason }];
  });
  const rebased = kept.map(({ event: before }, i): RebasedEvent => {
    const event = expected[i]?.event ?? before;
    const [seqBefore, seqAfter, was] = [before.seq, there.state.seq + i + 1, formerName(before, event)];
    const { type } = event;
    return { type, description: summarizeEvent(event), seqBefore, seqAfter, was, changed: was !== undefined };
  });
  const log = { events: [...there.events, ...expected], state: undefined };
  return { log, rebased, leftOut, movedTags: new Map<Oid, Oid>() };
}

function refuseForeign(remoteName: string, foreign: readonly LoggedEvent[]): void {
  const [first, ...others] = foreign;
  if (first === undefined) return;
  const people = [...new Set(foreign.map(({ event }) => event.actor))].join(', ');
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new SnapshotError(
    'conflict',
    `event ${first.event.seq} (${summarizeEvent(first.event)}) is by ${first.event.actor}, and '${remoteName}' does not have it${more}`,
    {
      hint: `The logs went apart, and only ${people} can sign that again: let them push it first, then sync. If it is of no use, leave it out here: git snapshot sync ${dropWords(foreign.map(({ event }) => event.seq))}.`,
    },
  );
}

/** Nothing is refused yet: what is expected to be there is not signed, and may come to be something else. */
function tellStuck(ctx: Context, stuck: readonly StuckEvent[]): void {
  for (const { logged, fault } of stuck)
    ctx.note(`warning: this will be refused: ${summarizeEvent(logged.event)}: ${fault.rule}: ${fault.detail}`);
}

function refuseStuck(
  ctx: Context,
  remoteName: string,
  { stuck, drop }: { readonly stuck: readonly StuckEvent[]; readonly drop: readonly number[] },
): SnapshotError {
  const out = [...drop, ...stuck.map(({ logged }) => logged.event.seq)];
  // Of one alone, the error says all.
  for (const { logged, fault } of stuck.length === 1 ? [] : stuck)
    ctx.note(`event ${logged.event.seq} (${summarizeEvent(logged.event)}): ${fault.rule}: ${fault.detail}`);
  const [first] = stuck;
  const what = first === undefined ? '' : `event ${first.logged.event.seq} (${summarizeEvent(first.logged.event)})`;
  const more = stuck.length > 1 ? ` (and ${stuck.length - 1} more events cannot either)` : '';
  return new SnapshotError(
    'conflict',
    `${what} cannot stand on top of what '${remoteName}' has: ${first?.fault.rule ?? ''}: ${first?.fault.detail ?? ''}${more}`,
    {
      hint: `Nothing was moved. To leave out what cannot stand: git snapshot sync ${dropWords(out)}. It stays below ${DROPPED_REFS}.`,
    },
  );
}

function dropWords(numbers: readonly number[]): string {
  return numbers.map((seq) => `--drop ${seq}`).join(' ');
}
