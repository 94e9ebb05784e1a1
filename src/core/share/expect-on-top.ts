import type { AuditEvent } from '../audit/event.ts';
import type { LoggedEvent } from '../audit/logged-event.ts';

/**
 * Own events as they are to be expected on top of another log, without signing anything: promotions with the next free
 * number there, and what was said of them with it. Tags and digests are still those of before.
 */
export function expectOnTop(base: readonly LoggedEvent[], own: readonly LoggedEvent[]): LoggedEvent[] {
  const counts = new Map<string, number>();
  const moved = new Map<string, number>();
  const numberOf = (event: AuditEvent): number | undefined => {
    if (event.type === 'approval' || event.type === 'resume') return moved.get(event.promotion) ?? event.number;
    if (event.type !== 'promotion') return undefined;
    const place = `${event.set} ${event.environment}`;
    const number = (counts.get(place) ?? 0) + 1;
    counts.set(place, number);
    return number;
  };
  for (const { event } of base) numberOf(event);
  return own.map((logged) => {
    const { event } = logged;
    const number = numberOf(event);
    if (number === undefined || !('number' in event) || number === event.number) return logged;
    if (event.type === 'promotion') moved.set(event.payload, number);
    return { ...logged, event: { ...event, number } };
  });
}

/** What an event's promotion was called before, `staging/2`, where it is called otherwise now. */
export function formerName(before: AuditEvent, after: AuditEvent): string | undefined {
  if (!('number' in before && 'number' in after) || before.number === after.number) return undefined;
  return `${before.environment}/${before.number}`;
}
