import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import type { Oid } from '../../core/oid.ts';
import type { RefUpdate } from '../../core/ports.ts';
import { approvalRef, holdRef, mirrorRef, promotionRef } from '../../core/refs.ts';
import type { SnapshotName } from '../../core/retention/ledger.ts';
import { key16 } from '../../core/signing.ts';
import type { RetentionScene } from './scene.ts';

/** A tag that stands on a snapshot, and every ref that it may have. */
interface Dependent {
  readonly tag: Oid;
  readonly refs: readonly string[];
}

/** What stands on snapshots: promotions of them with their mirrors, what was said of those, and holds. In the log's order. */
export function dependentTags(
  events: readonly LoggedEvent[],
  snapshots: readonly Pick<SnapshotName, 'payload'>[],
): readonly Dependent[] {
  const payloads = new Set(snapshots.map(({ payload }) => payload));
  const promotions = new Set<string>();
  const found: Dependent[] = [];
  for (const { event } of events) {
    if (event.type === 'promotion' && payloads.has(event.snapshot.payload)) {
      promotions.add(promotionRef(event));
      found.push({ tag: event.tag, refs: [promotionRef(event), mirrorRef(event)] });
    } else if (event.type === 'approval' && promotions.has(promotionRef(event))) {
      found.push({ tag: event.tag, refs: [approvalRef(event, key16(event.key))] });
    } else if (event.type === 'hold' && payloads.has(event.snapshot.payload)) {
      found.push({ tag: event.tag, refs: [holdRef({ ...event, id: event.snapshot.id })] });
    }
  }
  return found;
}

/**
 * Deletes the refs that stand on snapshots which are to be gone for good: any of them would keep the content. Their events stay.
 */
export async function dependentUpdates(
  { ctx, log }: Pick<RetentionScene, 'ctx' | 'log'>,
  snapshots: readonly Pick<SnapshotName, 'payload'>[],
): Promise<RefUpdate[]> {
  const names = new Set(dependentTags(log.events, snapshots).flatMap(({ refs }) => refs));
  const updates: RefUpdate[] = [];
  for (const name of names) {
    const oid = await ctx.store.readRef(name);
    if (oid !== null) updates.push({ name, from: oid, to: null });
  }
  return updates;
}
