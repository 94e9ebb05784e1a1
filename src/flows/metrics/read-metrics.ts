import type { AuditEvent } from '../../core/audit/event.ts';
import { eventSet } from '../../core/audit/event.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { MetricFacts } from '../../core/metrics/facts.ts';
import { metricFamilies } from '../../core/metrics/families.ts';
import type { MetricFamily } from '../../core/metrics/family.ts';
import { personOf } from '../../core/policy/roles.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import { openLog } from '../log/open-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { readSetFacts } from './set-facts.ts';

/** What to measure. */
export interface MetricsOptions {
  /** Of this program. */
  readonly version: string;
  /** Whether to look at directories, too. */
  readonly drift: boolean;
}

/**
 * Metrics of a repository, from policy and log alone: no snapshot, tree or directory is read unless drift is asked for.
 *
 * A log with findings is measured all the same, since that is when somebody should be told; what counts of it is told.
 *
 * @throws {SnapshotError} `untrusted` for a policy that is not to be believed; `config` for drift in a bare repository
 */
export async function readMetrics(ctx: Context, { version, drift }: MetricsOptions): Promise<MetricFamily[]> {
  if (drift && ctx.isBare) {
    throw new SnapshotError('config', 'a bare repository has no directory that could differ', {
      hint: 'Leave out --drift.',
    });
  }
  const trusted = await loadPolicy(ctx);
  const { policy } = trusted;
  const log = await openLog(ctx, trusted);
  const atSec = nowSec(ctx);
  const sets: MetricFacts['sets'][number][] = [];
  for (const set of Object.keys(policy.sets))
    sets.push(await readSetFacts({ ctx, policy, log, nowSec: atSec }, { set, drift }));
  return metricFamilies({
    nowSec: atSec,
    version,
    policy: {
      version: policy.version,
      expiresAtSec: policy.expires === undefined ? undefined : Math.floor(Date.parse(policy.expires) / 1000),
    },
    keys: await keysThatExpire(ctx, trusted),
    log: { findings: log.findings.length, voided: log.voided.size, events: countEvents(log) },
    unfinishedRollbacks: await countUnfinished(ctx),
    sets,
  });
}

async function keysThatExpire(ctx: Context, trusted: TrustedPolicy): Promise<MetricFacts['keys']> {
  const verifier = await ctx.verifier();
  const found: MetricFacts['keys'][number][] = [];
  for (const publicKey of await trusted.keys()) {
    const { key } = publicKey;
    const expiresAtSec = await verifier.expiresAtSec(publicKey);
    // A key of nobody any more need not be renewed.
    const person = personOf(trusted.policy, key);
    if (expiresAtSec !== undefined && person !== undefined) found.push({ key, person, expiresAtSec });
  }
  return found;
}

function countEvents({ events }: Log): MetricFacts['log']['events'] {
  const counts = new Map<string, { type: AuditEvent['type']; set: string | undefined; count: number }>();
  for (const { event } of events) {
    const set = eventSet(event);
    const name = `${set ?? ''} ${event.type}`;
    counts.set(name, { type: event.type, set, count: (counts.get(name)?.count ?? 0) + 1 });
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
}

async function countUnfinished(ctx: Context): Promise<number> {
  try {
    return (await ctx.unfinishedSets()).length;
  } catch (error) {
    // One that was begun in another place is unfinished, too.
    if (error instanceof SnapshotError && error.kind === 'unfinished') return 1;
    throw error;
  }
}
