import type { AuditEvent } from '../../core/audit/event.ts';
import { EMPTY_DIRECTORY } from '../../core/snapshot/kinds.ts';
import type { Log } from './open-log.ts';

/** A snapshot that is kept, as its event tells of it: its tag need not be read. */
export interface KeptSnapshot {
  readonly event: AuditEvent & { type: 'snapshot' };
  /** As its tag says: an empty directory is none. */
  readonly files: number;
  readonly bytes: number;
}

/** The snapshots of a set that are kept, oldest first. */
export function keptSnapshots({ events, retention }: Pick<Log, 'events' | 'retention'>, set: string): KeptSnapshot[] {
  // Told again, it is the same snapshot.
  const told = new Map<string, KeptSnapshot['event']>();
  for (const { event } of events)
    if (event.type === 'snapshot' && event.set === set) told.set(event.snapshot.id, event);
  return [...told.values()]
    .filter(({ snapshot }) => retention.fate(set, snapshot.id)?.place === 'kept')
    .sort((a, b) => (a.snapshot.id < b.snapshot.id ? -1 : 1))
    .map((event) => ({
      event,
      files: event.kinds.reduce((sum, { kind, files }) => sum + (kind === EMPTY_DIRECTORY ? 0 : files), 0),
      bytes: event.kinds.reduce((sum, { bytes }) => sum + bytes, 0),
    }));
}
