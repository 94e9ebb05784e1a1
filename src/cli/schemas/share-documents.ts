import { z } from 'zod';

const count = z.int().nonnegative();
const numbers = z.strictObject({
  seq: count.describe('number of the last event; 0: no log'),
  policyVersion: count.describe('0: no policy'),
});
const side = z.strictObject({ before: numbers, after: numbers });
const counts = z.array(
  z.strictObject({
    kind: z.enum(['snapshots', 'promotions', 'approvals', 'holds', 'trash', 'proposals']),
    created: count,
    moved: count,
    deleted: count,
  }),
);

const Share = z.strictObject({
  remote: z.string(),
  dryRun: z.boolean(),
  relation: z
    .enum(['same', 'behind', 'ahead', 'diverged', 'unrelated', 'no-remote', 'no-local'])
    .describe('of our log to theirs, before; no-remote: there was nothing there; no-local: there was nothing here'),
  ours: side,
  theirs: side,
  received: counts.describe('refs that changed here; of a dry run, that would'),
  sent: counts.describe('refs that changed there'),
  signedAgain: z
    .array(
      z.strictObject({
        type: z.string(),
        description: z.string(),
        seqBefore: count,
        seqAfter: count,
        was: z
          .string()
          .nullable()
          .describe('what its promotion was called before, such as staging/2, where that is another name now'),
        changed: z.boolean().describe('it comes with another tag, or names things otherwise'),
      }),
    )
    .describe("own events that were put on top of the remote's"),
  leftOut: z.array(z.strictObject({ type: z.string(), description: z.string(), seq: count, reason: z.string() })),
  keptBelow: z.string().nullable().describe('refs below which what gave way here is kept'),
});

/** The documents of the commands that exchange with remotes. */
export const SHARE_DOCUMENTS = { fetch: Share, push: Share, sync: Share };
