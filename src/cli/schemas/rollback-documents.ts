import { z } from 'zod';
import { ROLLBACK_PHASES } from '../../core/rollback/phases.ts';
import { Gate } from './gate-document.ts';
import { PROMOTION_DOCUMENTS } from './promotion-documents.ts';

const count = z.int().nonnegative();

const programs = z.array(z.string()).describe('`name (process id)`, as far as they can be seen');

/** What a program said that is asked after a rollback. */
export const Health = z.strictObject({
  verdict: z.enum(['pass', 'fail']),
  attempts: count.describe('how often it was asked'),
  detail: z.string().describe('how the last attempt ended'),
  output: z.array(z.string()).describe('lines that it printed then: the first 64 KiB'),
});

/** The documents of `rollback`, of parts that other documents have too. */
export function rollbackDocuments<Change extends z.ZodType, Path extends z.ZodRawShape>({
  Change,
  path,
}: {
  readonly Change: Change;
  readonly path: Path;
}) {
  const Rollback = z.strictObject({
    outcome: z.enum(['applied', 'nothing-to-do', 'reverted', 'planned']),
    set: z.string(),
    from: z.string().nullable(),
    to: z.string(),
    backup: z.string().nullable().describe('the snapshot that keeps what was there before'),
    changes: z.strictObject({ created: count, replaced: count, deleted: count, modes: count }),
    paths: z.array(Change).optional().describe('only in a dry run'),
    rescued: z
      .array(z.strictObject({ ...path, keptAs: z.string(), programs }))
      .describe(
        'files that another program changed meanwhile or has open, where what they held is, and who goes on writing to it there',
      ),
    changedAfter: z
      .strictObject({ paths: z.array(z.strictObject(path)), programs })
      .describe(
        'what other programs have changed since it was put back, left as they made it, and which programs that may have been',
      ),
    appeared: z
      .array(z.strictObject(path))
      .describe(
        'paths that were left out of snapshots before and are not now, or that another program made meanwhile; left alone',
      ),
    gates: z.array(Gate).describe('what the gates of the set said of the snapshot; none after --continue'),
    health: Health.nullable().describe('what the health program of the policy said; null: none was asked'),
    phases: z
      .array(z.strictObject({ phase: z.enum(ROLLBACK_PHASES), ms: count }))
      .describe('how long each step took, in milliseconds'),
    durationMs: z.number().nonnegative(),
  });
  return {
    rollback: Rollback,
    'rollback --env': z.strictObject({
      directory: Rollback.nullable().describe('null: it stays as it is while approvals are missing'),
      promotion: PROMOTION_DOCUMENTS.promote,
      onHold: z.boolean().describe('whether nothing is promoted there now until "git snapshot resume"'),
    }),
  };
}
