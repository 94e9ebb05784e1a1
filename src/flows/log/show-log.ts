import { summarizeEvent } from '../../core/audit/describe-event.ts';
import type { AuditEvent } from '../../core/audit/event.ts';
import { eventSet } from '../../core/audit/event.ts';
import { isSnapshotId } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { LogEntry } from '../results.ts';
import { chooseSnapshot } from '../snapshot/choose-snapshot.ts';
import { openLog } from './open-log.ts';

/** Which events to show. */
export interface LogOptions {
  readonly set: string | undefined;
  readonly limit: number | undefined;
  /** Empty: all. */
  readonly types: readonly string[];
  readonly sinceSec: number | undefined;
  /** A person, as the policy called them then. */
  readonly actor: string | undefined;
  readonly snapshot: string | undefined;
}

/** The audit log, newest event first. Commits that are no events are told of, not listed. */
export async function showLog(
  ctx: Context,
  { set, limit, types, sinceSec, actor, snapshot }: LogOptions,
): Promise<LogEntry[]> {
  const wanted = snapshot === undefined ? undefined : await idOf(ctx, { set, snapshot });
  const trusted = await loadPolicy(ctx);
  const log = await openLog(ctx, trusted);
  for (const { object, detail } of log.findings) ctx.note(`warning: do not believe the log: ${detail} (${object})`);
  const entries = log.events.map(({ oid, event }): LogEntry & { readonly others: readonly string[] } => ({
    seq: event.seq,
    commit: oid,
    type: event.type,
    atSec: Math.floor(Date.parse(event.at) / 1000),
    actor: event.actor,
    key: event.key,
    set: eventSet(event),
    snapshot: snapshotsOf(event)[0],
    summary: summarizeEvent(event),
    voided: log.voided.get(oid),
    event,
    others: snapshotsOf(event),
  }));
  return entries
    .filter((entry) => set === undefined || entry.set === set)
    .filter((entry) => types.length === 0 || types.includes(entry.type))
    .filter((entry) => actor === undefined || entry.actor === actor)
    .filter((entry) => sinceSec === undefined || entry.atSec >= sinceSec)
    .filter((entry) => wanted === undefined || entry.others.includes(wanted))
    .map(({ others: _, ...entry }) => entry)
    .reverse()
    .slice(0, limit);
}

/** A whole id needs no ref: the log tells of what is gone, too. */
async function idOf(ctx: Context, choice: { set: string | undefined; snapshot: string }): Promise<string> {
  return isSnapshotId(choice.snapshot) ? choice.snapshot : (await chooseSnapshot(ctx, choice)).snapshot.id;
}

/** Ids of the snapshots that an event is about, the chief one first. */
function snapshotsOf(event: AuditEvent): readonly string[] {
  switch (event.type) {
    case 'rollback':
      return [event.to.id, event.from.id];
    case 'rehearsal':
      return [event.snapshot.id, ...(event.from === undefined ? [] : [event.from.id])];
    case 'prune':
      return [...event.removed, ...event.dropped].map(({ id }) => id);
    case 'erase':
      return event.snapshots.map(({ id }) => id);
    case 'policy':
    case 'approval':
    case 'repair':
    case 'resume':
      return [];
    default:
      return [event.snapshot.id];
  }
}
