import { judgeLevels } from '../../core/levels/judge.ts';
import { measurementsOf } from '../../core/levels/measurements.ts';
import type { EnvironmentFacts, SetFacts } from '../../core/metrics/facts.ts';
import type { Policy } from '../../core/policy/schema.ts';
import { environmentOrder } from '../../core/promotion/rules.ts';
import { tallyOf } from '../../core/promotion/tally.ts';
import type { Context } from '../context.ts';
import { keptSnapshots } from '../log/kept-snapshots.ts';
import type { Log } from '../log/open-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import { waitingPromotions } from '../promotion/waiting.ts';
import { listSnapshotRefs } from '../snapshot/list-snapshot-refs.ts';
import { currentSnapshot, liveChanges } from '../snapshot/live-changes.ts';

interface Sight {
  readonly ctx: Context;
  readonly policy: Policy;
  readonly log: Log;
  readonly nowSec: number;
}

/** What there is to say of a set. @param options.drift - whether to look at its directory, too */
export async function readSetFacts(
  { ctx, policy, log, nowSec }: Sight,
  { set, drift }: { readonly set: string; readonly drift: boolean },
): Promise<SetFacts> {
  const measurements = measurementsOf(log, set);
  const { retention } = log;
  const snapshots = { kept: 0, trash: 0, dropped: 0, erased: 0 };
  for (const { place } of retention.fates(set)) snapshots[place] += 1;
  const rollbacks = { applied: 0, reverted: 0 };
  for (const { event } of log.events) if (event.type === 'rollback' && event.set === set) rollbacks[event.outcome] += 1;
  const kept = keptSnapshots(log, set);
  return {
    set,
    measurements,
    levels: judgeLevels(measurements, policy, { nowSec, sinceSec: undefined }),
    snapshots,
    newest: kept.at(-1),
    keptBytes: kept.reduce((sum, { bytes }) => sum + bytes, 0),
    holds: retention
      .fates(set)
      .reduce((sum, { snapshot }) => sum + retention.holdsAt(set, snapshot.id, nowSec).length, 0),
    rollbacks,
    driftPaths: drift ? await countDrift(ctx, policy, set) : undefined,
    environments: environmentOrder(policy).map((environment) =>
      environmentFacts({ policy, log }, { set, environment }),
    ),
  };
}

function environmentFacts(
  { policy, log }: Pick<Sight, 'policy' | 'log'>,
  { set, environment }: { set: string; environment: string },
): EnvironmentFacts {
  const promotions = { promote: 0, rollback: 0 };
  for (const { event } of log.ledger.promotions(set, environment)) promotions[event.action] += 1;
  const waiting = waitingPromotions(log, { set, environment });
  return {
    environment,
    liveSinceSec: log.ledger.live(set, environment)?.effective?.atSec,
    promotions,
    pending: waiting.length,
    missingApprovals: waiting.reduce((sum, promotion) => {
      const { needed, approved } = tallyOf(promotion, policy);
      return sum + Math.max(0, needed - approved.length);
    }, 0),
  };
}

/** Undefined where the set has no snapshot to compare with. */
async function countDrift(ctx: Context, policy: Policy, name: string): Promise<number | undefined> {
  const set = governedSet(policy, name);
  const current = await currentSnapshot(ctx, await ctx.workdir(set), {
    set: set.name,
    refs: await listSnapshotRefs(ctx, name),
  });
  return current === undefined ? undefined : (await liveChanges(ctx, set, current)).changes.length;
}
