import { z } from 'zod';

const count = z.int().nonnegative();
const time = z.iso.datetime().describe('UTC, to the second');
const oid = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
const id = z.string().regex(/^\d{8}T\d{6}Z-[0-9a-f]{12}$/);

const Hold = z.strictObject({
  set: z.string(),
  snapshot: id,
  case: z.string(),
  reason: z.string().describe('why it was put'),
  by: z.string(),
  since: time,
  until: time.nullable().describe('null: until it is released'),
  over: z.boolean().describe('released, or run out'),
});

/** The documents of the commands about what is held, in the trash, or to be gone. */
export const KEEPING_DOCUMENTS = {
  hold: Hold,
  release: Hold,
  holds: z.array(Hold),
  trash: z.array(
    z.strictObject({
      set: z.string(),
      snapshot: id,
      removedAt: time,
      rule: z.string().describe('why it was removed'),
      endsAt: time.describe('from then on pruning drops it'),
      over: z.boolean().describe('whether that is past'),
    }),
  ),
  undelete: z.array(z.strictObject({ set: z.string(), snapshot: id })),
  erase: z.strictObject({
    outcome: z.enum(['planned', 'asked', 'erased']),
    set: z.string(),
    snapshots: z.array(z.strictObject({ id, tag: oid, payload: z.string() })),
    refs: z.array(z.string()).describe('that are deleted'),
    agreed: z.array(z.string()).describe('people'),
    needed: count,
    blocked: z
      .array(z.strictObject({ id: z.string(), reason: z.string() }))
      .describe('what the rules do not let go; only in a dry run'),
    report: z
      .strictObject({
        objects: count.describe('that the erased tags reached'),
        purged: count.describe('that are gone from this repository'),
        shared: z.array(z.strictObject({ oid, by: z.string() })).describe('that something else needs'),
        left: z.array(oid).describe('that nothing needs and that are still there'),
        remotes: z.array(z.strictObject({ name: z.string(), url: z.string() })).describe('that may have it'),
      })
      .nullable()
      .describe('null unless it was erased'),
  }),
};
