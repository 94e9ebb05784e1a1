import { z } from 'zod';

/** What a gate says. */
export const gateVerdict = z.enum(['pass', 'fail', 'error']);

/** A gate that was run, with all that it found. */
export const Gate = z.strictObject({
  name: z.string(),
  type: z.string(),
  verdict: gateVerdict.describe('error: it could not tell, which is never a pass'),
  detail: z.string(),
  violations: z.array(
    z.strictObject({
      path: z.string().nullable().describe('null: of the snapshot as a whole'),
      pathEncoded: z.string().optional().describe('percent-encoded bytes; only where the path is not UTF-8'),
      pointer: z.string().nullable().describe('JSON pointer into the file'),
      message: z.string(),
    }),
  ),
  evidence: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .describe('of what it looked at'),
  durationMs: z.int().nonnegative(),
});
