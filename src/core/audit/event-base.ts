import * as z from 'zod';
import type { Oid } from '../oid.ts';
import { isName, isSnapshotId } from '../refs.ts';
import type { KeyId } from '../signing.ts';
import { isKeyId } from '../signing.ts';

/** SHA-256 as formats write it. */
export const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
/** What git calls an object, by SHA-1 or SHA-256. */
export const ObjectName = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/) as unknown as z.ZodType<Oid, string>;
/** A name of the grammar that sets, environments, gates and cases share. */
export const Name = z.string().refine(isName);
/** An instant, in whole seconds. */
export const Instant = z.iso.datetime({ precision: 0 });
/** How many there are. */
export const Count = z.int().min(0);

/** A snapshot: by its id, by its tag, and by what was signed. */
export const SnapshotName = z.strictObject({
  id: z.string().refine(isSnapshotId),
  tag: ObjectName,
  payload: Digest,
});

/** What every event has. */
export const base = {
  format: z.literal(1),
  /** Place in the log: 1, 2, 3 … */
  seq: z.int().min(1),
  at: Instant.describe('When the actor says it happened; the order of the log, not this, is proof.'),
  repository: z.string().regex(/^[0-9a-f]{64}$/),
  actor: z.string().min(1).describe('The person, as the policy names them.'),
  key: z.string().refine(isKeyId, 'not a key id') as unknown as z.ZodType<KeyId, string>,
  policy: z.strictObject({ version: z.int().min(1), digest: Digest }),
};
