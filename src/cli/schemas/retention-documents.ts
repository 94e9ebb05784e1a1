import { z } from 'zod';

const id = z.string().describe('of a snapshot; in a simulation, whatever the file says');

const Explanation = z.discriminatedUnion('kept', [
  z.strictObject({
    id,
    kept: z.literal(true),
    reasons: z
      .array(
        z.strictObject({
          reason: z.string(),
          goes: z.string().describe('when that comes to its end, if nothing changes'),
        }),
      )
      .describe('it goes when all have come to their end'),
  }),
  z.strictObject({ id, kept: z.literal(false), reason: z.string() }),
]);

/** The documents of the commands that are about retention. */
export const RETENTION_DOCUMENTS = {
  prune: z.strictObject({
    digest: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/)
      .describe('of the plan'),
    keep: z
      .array(z.strictObject({ id, reasons: z.array(z.string()).min(1).describe('in the order of docs/retention.md') }))
      .describe('newest first'),
    remove: z
      .array(z.strictObject({ id, reason: z.string().describe('the rule that kept it longest, and until when') }))
      .describe('newest first'),
    drop: z.array(id).optional().describe('what goes out of the trash for good; not in a simulation'),
    freedBytes: z.int().nonnegative().optional().describe('what comes free in the end; not with --apply'),
    outcome: z.enum(['pruned', 'nothing-to-do']).optional().describe('only with --apply'),
    explain: Explanation.optional().describe('only with --explain'),
  }),
};
