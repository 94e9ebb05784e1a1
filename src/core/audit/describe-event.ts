import { displayBytes, escapeText, percentDecode } from '../byte-string.ts';
import type { Oid } from '../oid.ts';
import type { AuditEvent } from './event.ts';

/** One line that says what happened. What people wrote is escaped: it may have line feeds, and more. */
export function describeEvent(event: AuditEvent): string {
  switch (event.type) {
    case 'policy':
      return `policy: version ${event.policy.version}`;
    case 'snapshot':
      return `snapshot: ${event.set}/${event.snapshot.id}: ${escapeText(event.subject)}`;
    case 'rollback':
      return describeRollback(event, event.set);
    case 'promotion': {
      const verb = event.action === 'promote' ? 'promotion' : 'promotion back';
      const past = event.breakGlass ? ' past the rules' : '';
      return `${verb}: ${event.environment}/${event.number}: ${event.set}/${event.snapshot.id}${past}${withReason(event.reason)}`;
    }
    case 'approval':
      return `${event.decision}: ${event.set}/${event.environment}/${event.number}${withReason(event.reason)}`;
    case 'repair':
      return `repair: ${event.skipped.length} commits passed over${withReason(event.reason)}`;
    case 'prune': {
      const parts = [
        ...(event.removed.length === 0 ? [] : [`${counted(event.removed.length)} to the trash`]),
        ...(event.dropped.length === 0 ? [] : [`${counted(event.dropped.length)} dropped from it`]),
      ];
      return `prune: ${event.set}: ${parts.join(', ')}`;
    }
    case 'undelete':
      return `undelete: ${event.set}/${event.snapshot.id}${withReason(event.reason)}`;
    case 'hold': {
      const until = event.until === undefined ? '' : ` until ${event.until}`;
      return `hold: ${event.case}: ${event.set}/${event.snapshot.id}${until}${withReason(event.reason)}`;
    }
    case 'release':
      return `release: ${event.case}: ${event.set}/${event.snapshot.id}${withReason(event.reason)}`;
    case 'rehearsal': {
      const where = event.environment === undefined ? '' : ` for ${event.environment}`;
      return `rehearsal: ${event.set}/${event.snapshot.id}${where}: ${event.verdict}`;
    }
    case 'resume':
      return `resume: ${event.set}/${event.environment} after ${event.number}${withReason(event.reason)}`;
    case 'erase': {
      const verb = event.action === 'ask' ? 'erasure asked for' : 'erase';
      return `${verb}: ${event.set}: ${counted(event.snapshots.length)}${withReason(event.reason)}`;
    }
  }
}

/**
 * The same for who reads the log: of a rollback of some paths, it says so. The line of the event itself does not, and cannot
 * begin to: events that were signed before would no longer be in canonical form.
 */
export function summarizeEvent(event: AuditEvent): string {
  if (event.type !== 'rollback' || event.paths === undefined) return describeEvent(event);
  const [first = '', ...others] = event.paths;
  const what = others.length === 0 ? displayBytes(percentDecode(first) ?? first) : `${event.paths.length} paths`;
  return describeRollback(event, `${what} of ${event.set}`);
}

function describeRollback(
  { action, outcome, to, reason }: Extract<AuditEvent, { type: 'rollback' }>,
  what: string,
): string {
  const verb = outcome === 'applied' ? action : `${action} taken back`;
  return `${verb}: ${what} to ${to.id}${withReason(reason)}`;
}

function counted(snapshots: number): string {
  return snapshots === 1 ? '1 snapshot' : `${snapshots} snapshots`;
}

function withReason(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${escapeText(reason)}`;
}

/** What is said of one object. */
export interface ObjectNote {
  readonly object: Oid;
  readonly text: string;
}

/** What the notes of objects gain by the event: a line each. */
export function eventNotes(event: AuditEvent): readonly ObjectNote[] {
  if (event.type === 'prune') {
    const { set, removed, dropped } = event;
    return [
      ...removed.map(({ id, tag, rule }) => ({ object: tag, text: `prune: ${set}/${id}: ${escapeText(rule)}` })),
      ...dropped.map(({ id, tag }) => ({ object: tag, text: `prune: ${set}/${id}: dropped from the trash` })),
    ];
  }
  const text = describeEvent(event);
  if (event.type === 'erase') return event.snapshots.map(({ tag }) => ({ object: tag, text }));
  return [{ object: noteObject(event), text }];
}

function noteObject(event: Exclude<AuditEvent, { type: 'prune' | 'erase' }>): Oid {
  switch (event.type) {
    case 'policy':
      return event.commit;
    case 'rollback':
      return event.to.tag;
    case 'approval':
    case 'resume':
      return event.tag;
    case 'repair':
      return event.tip;
    case 'snapshot':
    case 'promotion':
    case 'undelete':
    case 'hold':
    case 'release':
    case 'rehearsal':
      return event.snapshot.tag;
  }
}
