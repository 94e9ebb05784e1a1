import * as z from 'zod';
import { base, Digest, Instant, Name, ObjectName, SnapshotName } from './event-base.ts';

/** What stays of a snapshot that was removed. */
const Tombstone = SnapshotName.extend({
  tree: ObjectName,
  manifest: Digest,
  rule: z.string().min(1).max(500).describe('Why it is not kept.'),
});

/** Snapshots went to the trash, or out of it for good. */
export const PruneEvent = z.strictObject({
  ...base,
  type: z.literal('prune'),
  set: Name,
  plan: Digest,
  removed: z.array(Tombstone).describe('To the trash, where they can be had back from until the grace period is over.'),
  dropped: z.array(SnapshotName).describe('Out of the trash, their grace period being over.'),
});

/** A snapshot came back from the trash. */
export const UndeleteEvent = z.strictObject({
  ...base,
  type: z.literal('undelete'),
  set: Name,
  snapshot: SnapshotName,
  reason: z.string().optional(),
});

/** A snapshot may not be removed from here on. */
export const HoldEvent = z.strictObject({
  ...base,
  type: z.literal('hold'),
  set: Name,
  case: Name,
  snapshot: SnapshotName,
  tag: ObjectName,
  /** Digest of the signed bytes of the hold's tag. */
  payload: Digest,
  until: Instant.optional().describe('When it runs out by itself; absent: never.'),
  reason: z.string(),
});

/** A hold is over. */
export const ReleaseEvent = z.strictObject({
  ...base,
  type: z.literal('release'),
  set: Name,
  case: Name,
  snapshot: SnapshotName,
  /** Digest of the signed bytes of the hold's tag. */
  hold: Digest,
  reason: z.string(),
});

/** Snapshots are to be gone altogether: somebody asked for it, or, with the last one that it takes, did it. */
export const EraseEvent = z.strictObject({
  ...base,
  type: z.literal('erase'),
  set: Name,
  action: z.enum(['ask', 'erase']),
  snapshots: z.array(SnapshotName).min(1),
  reason: z.string(),
});
