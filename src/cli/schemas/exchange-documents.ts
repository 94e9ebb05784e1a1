import { z } from 'zod';

const count = z.int().nonnegative();
const id = z.string().regex(/^\d{8}T\d{6}Z-[0-9a-f]{12}$/);

/** The documents of the commands that write and read files. */
export const EXCHANGE_DOCUMENTS = {
  export: z.strictObject({
    set: z.string(),
    id,
    format: z.enum(['bundle', 'tar', 'zip']),
    file: z.string().nullable().describe('as it was named; absolute where it was not'),
    bytes: count,
    digest: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/)
      .describe('of the file'),
    refs: z.array(z.string()).describe('that are in it'),
  }),
  import: z.strictObject({
    outcome: z.enum(['imported', 'planned', 'nothing-to-do']),
    set: z.string(),
    id,
    refs: z.array(z.string()).describe('that were made, or would be'),
    log: z
      .enum(['kept', 'advanced', 'restored'])
      .describe('advanced: it goes on to what the file has; restored: there was none'),
    missing: count.describe('refs that the log tells of and that are not here'),
  }),
};
