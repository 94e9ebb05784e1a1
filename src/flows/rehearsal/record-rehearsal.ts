import type { EventReport } from '../../core/audit/event.ts';
import { SnapshotError } from '../../core/errors.ts';
import { isExpired } from '../../core/policy/roles.ts';
import type { Context } from '../context.ts';
import { nowSec, sha256Of } from '../context.ts';
import type { Actor } from '../log/actor.ts';
import { requireRole } from '../log/actor.ts';
import { publish } from '../log/publish.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import type { RehearsalTarget } from './choose-targets.ts';
import type { RehearsalReport, RehearsedSnapshot } from './results.ts';

/** Who may enter a rehearsal into the log: see the rules of events. */
const RECORDERS = ['releaser', 'snapshotter'] as const;

/** Makes sure, before anything is done, that what is found can be entered. @throws {SnapshotError} of kind `untrusted` */
export function requireRecordable(
  ctx: Context,
  actor: Actor,
  { set, targets }: { readonly set: string; readonly targets: readonly RehearsalTarget[] },
): void {
  const { policy } = actor.trusted;
  for (const { environment } of targets) requireRole(actor, RECORDERS, { set, environment });
  if (!isExpired(policy, nowSec(ctx))) return;
  throw new SnapshotError('untrusted', `the policy ran out at ${policy.expires ?? ''}: no rehearsal can be recorded`, {
    hint: 'Add --no-record to rehearse all the same; root people make the next version with "git snapshot policy apply".',
  });
}

/** A snapshot that was rehearsed, and what the copy was before. */
export interface RehearsalToRecord {
  readonly target: RehearsalTarget;
  readonly rehearsed: RehearsedSnapshot;
  /** Undefined: nothing. */
  readonly from: StoredSnapshot | undefined;
}

/** Enters each snapshot that was rehearsed, with the digest of the report on all of them. */
export async function recordRehearsals(
  ctx: Context,
  actor: Actor,
  {
    report,
    digest,
    rehearsals,
  }: { readonly report: RehearsalReport; readonly digest: string; readonly rehearsals: readonly RehearsalToRecord[] },
): Promise<void> {
  for (const rehearsal of rehearsals) {
    const event = eventReport(ctx, { report, digest, rehearsal });
    await publish(ctx, actor, async () => ({
      event,
      updates: [],
      reason: `rehearsal: ${report.set}/${rehearsal.rehearsed.snapshot}`,
      result: undefined,
    }));
  }
}

function eventReport(
  ctx: Context,
  {
    report,
    digest,
    rehearsal: { target, rehearsed, from },
  }: { report: RehearsalReport; digest: string; rehearsal: RehearsalToRecord },
): EventReport {
  const named = ({ snapshot, tag, payload }: StoredSnapshot) => ({
    id: snapshot.id,
    tag,
    payload: sha256Of(ctx, payload),
  });
  const { environment, verdict, criteria, recoveryMs, there, files, bytes, faults } = rehearsed;
  return {
    type: 'rehearsal',
    set: report.set,
    ...(environment === undefined ? {} : { environment }),
    snapshot: named(target.stored),
    ...(from === undefined ? {} : { from: named(from) }),
    verdict,
    criteria: criteria.map(({ criterion, limit, value, ok }) => ({ criterion, limit, value, ok })),
    recoveryMs,
    ...(report.last === undefined ? {} : { lossSec: report.last.ageSec }),
    phases: (there?.phases ?? []).map(({ phase, ms }) => ({ phase, ms })),
    files,
    bytes,
    ...(faults === undefined ? {} : { faults: { points: faults.points, recovered: faults.recovered } }),
    report: digest,
  };
}
