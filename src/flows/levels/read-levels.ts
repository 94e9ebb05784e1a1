import type { Level } from '../../core/levels/judge.ts';
import { judgeLevels } from '../../core/levels/judge.ts';
import { measurementsOf } from '../../core/levels/measurements.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import { soundLog } from '../log/sound-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { ServiceLevelReport } from './results.ts';

/** What to report on. */
export interface LevelsOptions {
  /** Undefined: every set of the policy. */
  readonly set: string | undefined;
  /** Times that were measured before are left out. */
  readonly sinceSec: number | undefined;
}

/** Holds what the log has measured against the limits of the policy. Reads policy and log alone. */
export async function readLevels(ctx: Context, { set, sinceSec }: LevelsOptions): Promise<ServiceLevelReport> {
  const trusted = await loadPolicy(ctx);
  const { policy } = trusted;
  const names = set === undefined ? Object.keys(policy.sets) : [governedSet(policy, set).name];
  const log = await soundLog(ctx, trusted);
  const atSec = nowSec(ctx);
  const sets = names.map((name) => ({
    set: name,
    levels: judgeLevels(measurementsOf(log, name), policy, { nowSec: atSec, sinceSec }),
  }));
  return { atSec, sinceSec, ...countVerdicts(sets.flatMap(({ levels }) => levels)), sets };
}

/** How many limits there are to say something of, and how they stand. */
export function countVerdicts(levels: readonly Level[]) {
  const count = (verdict: Level['verdict']) => levels.filter((level) => level.verdict === verdict).length;
  return { met: count('met'), broken: count('broken'), unmeasured: count('unmeasured') };
}
