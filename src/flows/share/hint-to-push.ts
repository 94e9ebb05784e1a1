import type { AuditEvent } from '../../core/audit/event.ts';
import type { Oid } from '../../core/oid.ts';
import { TrackingSpace } from '../../core/share/tracking.ts';
import type { Context } from '../context.ts';

const USUAL = 'origin';

/** What others wait for: of these, every one is told of. */
const AWAITED: ReadonlySet<AuditEvent['type']> = new Set(['promotion', 'approval', 'resume']);

/**
 * Says that something is not pushed yet: after the first event that the usual remote lacks, and after each that others wait for.
 * No network is used.
 *
 * @param before - the log's tip before the event
 */
export async function hintToPush(
  ctx: Pick<Context, 'store' | 'advise'>,
  { type }: Pick<AuditEvent, 'type'>,
  before: Oid | undefined,
): Promise<void> {
  if (before === undefined) return;
  const there = await ctx.store.readRef(new TrackingSpace(USUAL).verifiedLog);
  if (there === before || (there !== null && AWAITED.has(type)))
    ctx.advise(`'${USUAL}' does not have this yet: git snapshot push`);
}
