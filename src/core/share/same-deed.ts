import type { AuditEvent } from '../audit/event.ts';
import type { LoggedEvent } from '../audit/logged-event.ts';

/**
 * Finds events that are in another log under another number: somebody put them on top of that, and signed them again.
 *
 * @returns for each of `events` that is among `others`, its number there
 */
export function sameDeeds(events: readonly LoggedEvent[], others: readonly LoggedEvent[]): ReadonlyMap<number, number> {
  const there = new Map(others.map(({ event }) => [deedOf(event), event.seq]));
  return new Map(
    events.flatMap(({ event }) => {
      const seq = there.get(deedOf(event));
      return seq === undefined ? [] : [[event.seq, seq] as const];
    }),
  );
}

/** What makes an event this one, wherever it stands. */
function deedOf(event: AuditEvent): string {
  const { type, repository, actor } = event;
  if (type === 'snapshot') return [type, event.snapshot.payload].join(' ');
  if (type === 'promotion' || type === 'approval' || type === 'hold') return [type, event.payload].join(' ');
  if (type === 'policy') return [type, event.commit].join(' ');
  const { format: _format, seq: _seq, key: _key, policy: _policy, ...deed } = event;
  return JSON.stringify({ ...deed, repository, actor });
}
