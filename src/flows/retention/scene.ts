import type { AuditEvent } from '../../core/audit/event.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Policy } from '../../core/policy/schema.ts';
import { retentionFault } from '../../core/retention/faults.ts';
import type { RetentionFault, RetentionLedger, SnapshotFate } from '../../core/retention/ledger.ts';
import { isOver, timeOf } from '../../core/retention/ledger.ts';
import type { Context, GovernedSet } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import { soundLog } from '../log/sound-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';

/** A set, with all that decides what is kept of it. */
export interface RetentionScene {
  readonly ctx: Context;
  readonly trusted: TrustedPolicy;
  readonly log: Log;
  readonly set: GovernedSet;
}

/** Reads policy and log for a set. @throws {SnapshotError} `untrusted` for a log with findings */
export async function openRetention(ctx: Context, set: string | undefined): Promise<RetentionScene> {
  const trusted = await loadPolicy(ctx);
  return { ctx, trusted, log: await soundLog(ctx, trusted), set: governedSet(trusted.policy, set) };
}

const RULE_HINTS: Readonly<Record<string, string>> = {
  hold: 'See "git snapshot holds".',
  live: 'See "git snapshot environments".',
  grace: 'See "git snapshot trash".',
  threshold: 'Another pruner runs the same command to agree.',
};

/** @returns a function that throws a {@link SnapshotError} of kind `conflict` for an event that may not stand on this log */
export function requireLawful({ ledger: promotions, retention }: Log, policy: Policy): (event: AuditEvent) => void {
  return (event) => {
    const fault = retentionFault(event, { policy, promotions, retention });
    if (fault === undefined) return;
    throw new SnapshotError('conflict', `the rules forbid it: ${fault.detail}`, {
      hint: hintFor(event, fault, retention),
    });
  };
}

function hintFor(event: AuditEvent, { rule }: RetentionFault, retention: RetentionLedger): string {
  const usual = RULE_HINTS[rule] ?? 'See "git snapshot log".';
  if (event.type !== 'hold') return usual;
  const { set, snapshot, case: name, at } = event;
  if (retention.fate(set, snapshot.id)?.place === 'trash')
    return `It is in the trash: "git snapshot undelete ${snapshot.id}" brings it back.`;
  const former = retention.holds(set, snapshot.id).find((hold) => hold.event.case === name);
  // `holds` does not show what has run out, and it has the name until somebody releases it.
  return former !== undefined && isOver(former.event, timeOf(at))
    ? `That one has run out. Release it first: git snapshot release ${snapshot.id} --case ${name} -m WHY`
    : usual;
}

/** A snapshot in the trash, by its id or a unique beginning of it. @throws {SnapshotError} `not-found`, `usage` */
export function chooseFromTrash({ log, set }: Pick<RetentionScene, 'log' | 'set'>, text: string): SnapshotFate {
  const id = text.startsWith(`${set.name}/`) ? text.slice(set.name.length + 1) : text;
  const trash = log.retention.fates(set.name).filter(({ place }) => place === 'trash');
  const found = trash.filter(({ snapshot }) => snapshot.id.startsWith(id));
  const [chosen, another] = found;
  if (chosen === undefined || id === '') {
    throw new SnapshotError('not-found', `there is no '${text}' in the trash of the set '${set.name}'`, {
      hint: 'See "git snapshot trash".',
    });
  }
  if (another !== undefined) {
    const some = found.slice(0, 3).map(({ snapshot }) => snapshot.id);
    throw new SnapshotError('usage', `'${text}' begins ${found.length} ids in the trash: ${some.join(', ')}`, {
      hint: 'Give more of the id.',
    });
  }
  return chosen;
}
