import { SnapshotError } from '../../core/errors.ts';
import { measurementsOf } from '../../core/levels/measurements.ts';
import { environmentOrder } from '../../core/promotion/rules.ts';
import { timeOf } from '../../core/retention/ledger.ts';
import type { Context } from '../context.ts';
import { keptSnapshots } from '../log/kept-snapshots.ts';
import type { Log } from '../log/open-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { environmentInfo } from '../promotion/show-promotions.ts';
import { holdInfos } from '../retention/hold.ts';
import { planPrune } from '../retention/plan-prune.ts';
import type { RetentionScene } from '../retention/scene.ts';
import { trashInfos } from '../retention/trash.ts';
import type { SetReport } from './results.ts';

/** How many snapshots are told of one by one. */
const NEWEST = 5;

interface Sight {
  readonly ctx: Context;
  readonly trusted: TrustedPolicy;
  readonly log: Log;
  readonly nowSec: number;
}

/** How things stand with a set. */
export async function reportSet({ ctx, trusted, log, nowSec }: Sight, name: string): Promise<SetReport> {
  const { policy } = trusted;
  const set = governedSet(policy, name);
  const kept = keptSnapshots(log, name);
  return {
    set: name,
    path: set.path,
    environments: environmentOrder(policy).map((environment) =>
      environmentInfo({ policy, log, nowSec }, { set: name, environment }),
    ),
    kept: kept.length,
    keptBytes: kept.reduce((sum, { bytes }) => sum + bytes, 0),
    newest: kept
      .slice(-NEWEST)
      .reverse()
      .map(({ event, files, bytes }) => ({
        id: event.snapshot.id,
        atSec: timeOf(event.at),
        actor: event.actor,
        subject: event.subject,
        files,
        bytes,
        backup: event.backup === true,
      })),
    holds: holdInfos(log, nowSec).filter((hold) => hold.set === name && !hold.over),
    trash: trashInfos({ policy, log }, { set: name, nowSec }),
    retention: await retentionOutlook({ ctx, trusted, log, set }),
    measurements: measurementsOf(log, name),
  };
}

async function retentionOutlook(scene: RetentionScene): Promise<SetReport['retention']> {
  try {
    const { remove, drop } = await planPrune(scene, { rules: undefined });
    return { remove: remove.length, drop: drop.length };
  } catch (error) {
    // Rules that keep nothing, or that would leave nothing, are a fact like others.
    if (!(error instanceof SnapshotError)) throw error;
    return { fault: error.message };
  }
}
