import { SnapshotError } from '../../core/errors.ts';
import type { Policy } from '../../core/policy/schema.ts';
import { frozenAt, nextFreeze } from '../../core/promotion/freeze.ts';
import type { PromotionState } from '../../core/promotion/promotion-state.ts';
import { environmentOrder, rulesOf } from '../../core/promotion/rules.ts';
import { tallyOf } from '../../core/promotion/tally.ts';
import { wasLive } from '../../core/promotion/was-live.ts';
import { promotionRef } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import { soundLog } from '../log/sound-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { noEnvironment } from '../snapshot/choose-snapshot.ts';
import { goneSnapshot } from './gone-snapshot.ts';
import type { EnvironmentInfo, HoldAfterRollback, PromotionInfo, PromotionStatus } from './results.ts';

/** Every environment of a set (undefined: of all sets), in the order of promotion. */
export async function listEnvironments(ctx: Context, choice: { set: string | undefined }): Promise<EnvironmentInfo[]> {
  const trusted = await loadPolicy(ctx);
  const { policy } = trusted;
  const names = environmentOrder(policy);
  if (names.length === 0) throw noEnvironments();
  const log = await soundLog(ctx, trusted);
  const sets = choice.set === undefined ? Object.keys(policy.sets) : [governedSet(policy, choice.set).name];
  return sets.flatMap((set) =>
    names.map((environment) => environmentInfo({ policy, log, nowSec: nowSec(ctx) }, { set, environment })),
  );
}

function noEnvironments(): SnapshotError {
  return new SnapshotError('not-found', 'the policy has no environments', {
    hint: 'Add them to .snapshots/policy.yaml, then run "git snapshot policy apply". See docs/promotion-rules.md.',
  });
}

/** What environments are told of by. */
interface Sight {
  readonly policy: Policy;
  readonly log: Log;
  readonly nowSec: number;
}

/** An environment of a set, and what is live in it. */
export function environmentInfo(
  { policy, log, nowSec: now }: Sight,
  { set, environment }: { set: string; environment: string },
): EnvironmentInfo {
  const rules = rulesOf(policy, environment);
  const infos = promotionInfos({ policy, log }, { set, environment });
  const before = rules?.from === undefined ? undefined : log.ledger.live(set, rules.from);
  const soakLeftSec =
    before?.effective === undefined || rules === undefined || rules.soakSec === 0
      ? undefined
      : Math.max(0, before.effective.atSec + rules.soakSec - now);
  return {
    set,
    environment,
    from: rules?.from,
    live: infos.find(({ status }) => status === 'live'),
    pending: infos.filter(({ status }) => status === 'pending' || status === 'rejected'),
    soakLeftSec,
    hold: holdInfo(log.ledger.held({ set, environment }, policy)),
    frozen: frozenAt(rules?.freeze ?? [], now),
    nextFreeze: nextFreeze(rules?.freeze ?? [], now),
  };
}

/** What is told of the rollback that an environment is on hold for. */
export function holdInfo(held: PromotionState | undefined): HoldAfterRollback | undefined {
  if (held === undefined) return undefined;
  const { event, promoter, effective } = held;
  return { number: event.number, by: promoter, sinceSec: effective?.atSec ?? timeOf(event.at), reason: event.reason };
}

/** Which promotions to show. */
export interface PromotionFilter {
  readonly set: string | undefined;
  /** Undefined: all. */
  readonly environment: string | undefined;
  readonly limit: number | undefined;
  readonly pending: boolean;
}

/** Promotions, newest first. */
export async function listPromotions(ctx: Context, filter: PromotionFilter): Promise<PromotionInfo[]> {
  const trusted = await loadPolicy(ctx);
  const { policy } = trusted;
  const names = environmentOrder(policy);
  if (filter.environment !== undefined && !names.includes(filter.environment))
    throw noEnvironment(policy, filter.environment);
  const log = await soundLog(ctx, trusted);
  const sets = filter.set === undefined ? Object.keys(policy.sets) : [governedSet(policy, filter.set).name];
  return sets
    .flatMap((set) => names.flatMap((environment) => promotionInfos({ policy, log }, { set, environment })))
    .filter(({ environment }) => filter.environment === undefined || environment === filter.environment)
    .filter(({ status }) => !filter.pending || status === 'pending' || status === 'rejected')
    .sort((a, b) => b.seq - a.seq)
    .slice(0, filter.limit);
}

/** The promotions of an environment, by number. */
export function promotionInfos(
  { policy, log }: Pick<Sight, 'policy' | 'log'>,
  { set, environment }: { set: string; environment: string },
): PromotionInfo[] {
  const live = log.ledger.live(set, environment);
  return log.ledger
    .promotions(set, environment)
    .map((promotion) => promotionInfo({ policy, log }, { promotion, live }));
}

function promotionInfo(
  { policy, log }: Pick<Sight, 'policy' | 'log'>,
  { promotion, live }: { promotion: PromotionState; live: PromotionState | undefined },
): PromotionInfo {
  const { event, opinions, effective, promoter, author, oid } = promotion;
  // What made it count is history; only what waits is counted by the policy of today.
  const tally = effective?.tally ?? tallyOf(promotion, policy);
  const status = (): PromotionStatus => {
    if (log.voided.has(oid) || author === undefined) return 'void';
    if (promotion === live) return 'live';
    if (wasLive(promotion, log.ledger.promotions(event.set, event.environment))) return 'superseded';
    if (goneSnapshot(promotion, log.retention) !== undefined) return 'erased';
    if (live !== undefined && live.event.number > event.number) return 'overtaken';
    const isBlocked = rulesOf(policy, event.environment)?.rejections === 'block' && tally.rejected.length > 0;
    return isBlocked ? 'rejected' : 'pending';
  };
  return {
    seq: event.seq,
    set: event.set,
    environment: event.environment,
    number: event.number,
    ref: promotionRef(event),
    tag: event.tag,
    snapshot: event.snapshot.id,
    payload: event.snapshot.payload,
    action: event.action,
    status: status(),
    promoter,
    author,
    atSec: timeOf(event.at),
    effectiveAtSec: effective?.atSec,
    reason: event.reason,
    gates: event.gates.map(({ name, verdict }) => ({ name, verdict })),
    opinions: opinions.map((opinion) => ({
      person: opinion.person,
      decision: opinion.decision,
      atSec: timeOf(opinion.event.at),
      reason: opinion.event.reason,
    })),
    tally,
    holds: log.ledger.held(event, policy)?.event.number === event.number,
    frozen: event.frozen ?? [],
    breakGlass: event.breakGlass === true,
  };
}

function timeOf(at: string): number {
  return Math.floor(Date.parse(at) / 1000);
}
