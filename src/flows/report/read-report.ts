import type { AuditEvent } from '../../core/audit/event.ts';
import { judgeLevels } from '../../core/levels/judge.ts';
import { environmentOrder } from '../../core/promotion/rules.ts';
import { timeOf } from '../../core/retention/ledger.ts';
import type { Context } from '../context.ts';
import { nowSec, sha256Of } from '../context.ts';
import { countVerdicts } from '../levels/read-levels.ts';
import type { Log } from '../log/open-log.ts';
import { openLog } from '../log/open-log.ts';
import { verifyLog } from '../log/verify-log.ts';
import { listKeys } from '../policy/list-keys.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { promotionInfos } from '../promotion/show-promotions.ts';
import type { ReportProof, RepositoryReport } from './results.ts';
import { reportSet } from './set-report.ts';

/**
 * How things stand, and what happened since an instant. A log that is not to be believed is reported, too, with what is wrong.
 *
 * @throws {SnapshotError} `untrusted` for a policy that is not to be believed
 */
export async function readReport(ctx: Context, { sinceSec }: { readonly sinceSec: number }): Promise<RepositoryReport> {
  const trusted = await loadPolicy(ctx);
  const { policy } = trusted;
  const log = await openLog(ctx, trusted);
  const atSec = nowSec(ctx);
  const sets = [];
  for (const set of Object.keys(policy.sets)) sets.push(await reportSet({ ctx, trusted, log, nowSec: atSec }, set));
  const levels = sets.map(({ set, measurements }) => ({
    set,
    levels: judgeLevels(measurements, policy, { nowSec: atSec, sinceSec: undefined }),
  }));
  const counting = log.events.flatMap(({ oid, event }) => (log.voided.has(oid) ? [] : [event]));
  const inPeriod = counting.filter(({ at }) => timeOf(at) >= sinceSec).reverse();
  return {
    atSec,
    sinceSec,
    proof: await readProof(ctx, trusted, log),
    policyExpiresAtSec: policy.expires === undefined ? undefined : timeOf(policy.expires),
    keys: await listKeys(ctx, trusted),
    levels: { atSec, sinceSec: undefined, ...countVerdicts(levels.flatMap((one) => one.levels)), sets: levels },
    sets,
    promotions: Object.keys(policy.sets)
      .flatMap((set) =>
        environmentOrder(policy).flatMap((environment) => promotionInfos({ policy, log }, { set, environment })),
      )
      .filter((promotion) => promotion.atSec >= sinceSec)
      .sort((a, b) => b.seq - a.seq),
    rollbacks: inPeriod.filter((event) => event.type === 'rollback'),
    rehearsals: inPeriod.filter((event) => event.type === 'rehearsal'),
    events: countTypes(inPeriod),
  };
}

async function readProof(ctx: Context, { policy, digest, root }: TrustedPolicy, log: Log): Promise<ReportProof> {
  const { findings } = await verifyLog(ctx);
  return {
    repository: policy.repository,
    policy: { version: policy.version, digest, root },
    log: {
      tip: log.tip,
      digest: log.tip === null ? undefined : sha256Of(ctx, (await ctx.store.readObject(log.tip)).body),
      events: log.events.length,
      voided: log.voided.size,
    },
    findings,
  };
}

function countTypes(events: readonly AuditEvent[]): RepositoryReport['events'] {
  const counts = new Map<AuditEvent['type'], number>();
  for (const { type } of events) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].map(([type, count]) => ({ type, count })).sort((a, b) => b.count - a.count);
}
