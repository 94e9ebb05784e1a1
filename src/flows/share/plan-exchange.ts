import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { RefUpdate } from '../../core/ports.ts';
import type { LogRelation } from '../../core/share/relate-logs.ts';
import { relateLogs } from '../../core/share/relate-logs.ts';
import type { ToldState } from '../../core/share/target-refs.ts';
import type { Context } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { LogMemory } from './log-memory.ts';
import { keepAside, ourMoves, refuseLost, refuseStrangers } from './our-moves.ts';
import { mergeProposals, openProposals } from './proposals.ts';
import type { Divergence } from './put-on-top.ts';
import { putOnTop } from './put-on-top.ts';
import type { LocalState } from './read-local.ts';
import type { RemoteState } from './read-remote.ts';
import type { LeftOutEvent, RebasedEvent } from './results.ts';

/** Where both sides are to come to. */
export interface FinalState extends ToldState {
  readonly repository: string;
  readonly memory: LogMemory;
  readonly trusted: TrustedPolicy;
}

/** What an exchange does here. */
export interface ExchangePlan {
  readonly relation: LogRelation | 'no-remote' | 'no-local';
  readonly final: FinalState;
  /** Of our refs, in one transaction. */
  readonly moves: readonly RefUpdate[];
  readonly rebased: readonly RebasedEvent[];
  readonly leftOut: readonly LeftOutEvent[];
  readonly keptBelow: string | undefined;
  /** Old tags of snapshots, and what they were signed anew as. */
  readonly movedTags: ReadonlyMap<Oid, Oid>;
  /** What both the log before and the log after have: remembered while refs move, so that a crash leaves no log that went back. */
  readonly common: LogMemory | undefined;
}

/** What an exchange begins with. */
export interface Exchange {
  readonly remoteName: string;
  readonly local: LocalState;
  readonly remote: RemoteState;
  readonly drop: readonly number[];
  /** Signs nothing: own events that would be put on top of the remote's are only named. */
  readonly dryRun: boolean;
}

/** @throws {SnapshotError} where the two cannot come together: saying why, and what would help */
export async function planExchange(ctx: Context, exchange: Exchange): Promise<ExchangePlan> {
  const { remoteName, local, remote, drop } = exchange;
  const { governed } = local;
  const { judged } = remote;
  if (governed === undefined && judged === undefined) {
    throw new SnapshotError('not-found', `neither this repository nor '${remoteName}' has a snapshot policy`, {
      hint: 'Set one up with "git snapshot init", or name the remote that has one.',
    });
  }
  const theirs = judged && stateOf(judged);
  const ours = governed && stateOf(governed);
  if (ours === undefined || theirs === undefined || governed === undefined || judged === undefined) {
    const final = (ours ?? theirs) as FinalState;
    return simplePlan(ctx, exchange, { relation: ours === undefined ? 'no-local' : 'no-remote', final });
  }
  const [ourChain, theirChain] = await Promise.all([ctx.store.listChain(ours.tip), ctx.store.listChain(theirs.tip)]);
  const { relation, common } = relateLogs(ourChain, theirChain);
  if (relation === 'unrelated') {
    throw new SnapshotError('untrusted', `the log of '${remoteName}' has nothing in common with the one here`, {
      hint: 'Nothing was moved. Somebody set the repository up twice, or replaced the log; do not go on until you know who.',
    });
  }
  if (relation !== 'diverged') {
    refuseDrop(drop);
    return simplePlan(ctx, exchange, { relation, final: relation === 'behind' ? theirs : ours });
  }
  const divergence: Divergence = { remoteName, governed, judged, theirChain: new Set(theirChain.slice(0, common)) };
  return divergedPlan(ctx, exchange, { ours, theirs, divergence });
}

/** The state that a judged log tells of, without proposals. */
function stateOf({ trusted, log }: { trusted: TrustedPolicy; log: Log }): FinalState {
  if (log.tip === null) throw new Error('a sound log has an event');
  const { policy, digest, commit } = trusted;
  return {
    events: log.events,
    tip: log.tip,
    policyCommit: commit,
    mirrors: policy.mirrorTags === true,
    proposals: new Map(),
    repository: policy.repository,
    memory: { log: log.state, policy: { version: policy.version, digest } },
    trusted,
  };
}

async function simplePlan(
  ctx: Context,
  exchange: Exchange,
  { relation, final: wanted }: Pick<ExchangePlan, 'relation' | 'final'>,
): Promise<ExchangePlan> {
  const final = await withProposals(ctx, exchange, wanted);
  const moves = ourMoves(exchange.local, final);
  if (relation === 'no-local') await refuseStrangers(ctx, moves, final);
  if (relation !== 'behind' && relation !== 'no-local') await refuseLost(ctx, moves);
  return { ...NOTHING_REBASED, relation, final, moves };
}

const NOTHING_REBASED = {
  rebased: [],
  leftOut: [],
  keptBelow: undefined,
  movedTags: new Map<Oid, Oid>(),
  common: undefined,
};

async function divergedPlan(
  ctx: Context,
  exchange: Exchange,
  { ours, theirs, divergence }: { ours: FinalState; theirs: FinalState; divergence: Divergence },
): Promise<ExchangePlan> {
  const { drop, dryRun } = exchange;
  const relation = 'diverged';
  const merged = await putOnTop(ctx, divergence, { drop, dryRun });
  const { rebased, leftOut, movedTags, common } = merged;
  if (merged.log.state === undefined) {
    const later = ours.memory.policy.version > theirs.memory.policy.version ? ours : theirs;
    const final = await withProposals(ctx, exchange, { ...later, events: merged.log.events });
    const moves = ourMoves(exchange.local, final);
    return { relation, final, moves, rebased, leftOut, movedTags, common, keptBelow: undefined };
  }
  const { events, state, trusted } = merged.log;
  const inForce = (await trusted.timeline()).version(state.version);
  if (inForce === undefined || state.oid === null) throw new Error('a log that was made has a policy');
  const { policy, digest, commit } = inForce;
  const final = await withProposals(ctx, exchange, {
    events,
    tip: state.oid,
    policyCommit: commit,
    mirrors: policy.mirrorTags === true,
    proposals: new Map(),
    repository: policy.repository,
    memory: { log: state, policy: { version: policy.version, digest } },
    trusted,
  });
  const moves = ourMoves(exchange.local, final);
  const isAltered = leftOut.length > 0 || rebased.some(({ changed }) => changed);
  const keptBelow = isAltered ? merged.keepBelow : undefined;
  const kept = keptBelow === undefined ? [] : keepAside(moves, keptBelow, merged.ownTags);
  return { relation, final, moves: [...moves, ...kept], rebased, leftOut, movedTags, common, keptBelow };
}

async function withProposals(ctx: Context, { local, remote }: Exchange, final: FinalState): Promise<FinalState> {
  const { version } = final.memory.policy;
  const [ours, theirs] = [openProposals(local.refs, version), openProposals(remote.refs, version)];
  return { ...final, proposals: await mergeProposals(ctx, ours, theirs) };
}

/** @throws {SnapshotError} `usage`: nothing is in the way that could be left out */
function refuseDrop([first]: readonly number[]): void {
  if (first === undefined) return;
  throw new SnapshotError('usage', `event ${first} cannot be left out: the logs have not gone apart`, {
    hint: 'Run the command without --drop.',
  });
}
