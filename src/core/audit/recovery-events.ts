import * as z from 'zod';
import { ROLLBACK_PHASES } from '../rollback/phases.ts';
import { base, Count, Digest, Name, ObjectName, SnapshotName } from './event-base.ts';

/** How long each phase took, in whole milliseconds, in the order in which they were gone through. */
export const Phases = z.array(z.strictObject({ phase: z.enum(ROLLBACK_PHASES), ms: Count }));

/** What a program that was asked after a rollback said. */
export const Health = z.strictObject({ verdict: z.enum(['pass', 'fail']), attempts: z.int().min(1) });

/** A rollback was tried out, in a copy of the directory. */
export const RehearsalEvent = z.strictObject({
  ...base,
  type: z.literal('rehearsal'),
  set: Name,
  environment: Name.optional().describe(
    'Whose live snapshot it was, or what a rollback of it would go to; absent: it was chosen otherwise.',
  ),
  snapshot: SnapshotName.describe('What was put back.'),
  from: SnapshotName.optional().describe(
    'What the copy of the directory was, and was again afterwards; absent: it began with nothing.',
  ),
  verdict: z.enum(['pass', 'fail']),
  criteria: z
    .array(
      z.strictObject({
        criterion: z.enum(['exact', 'untouched', 'recovery', 'loss', 'gates', 'faults']),
        limit: z.string().max(100).describe('What the policy asks for.'),
        value: z.string().max(100).describe('What was measured.'),
        ok: z.boolean(),
      }),
    )
    .min(1),
  recoveryMs: Count.describe('How long the directory took to be back, or until that failed.'),
  lossSec: Count.optional().describe('Age of the last snapshot that somebody took: what came later would be lost.'),
  phases: Phases,
  files: Count,
  bytes: Count,
  faults: z
    .strictObject({ points: Count, recovered: Count })
    .optional()
    .describe('At how many steps it was killed, and from how many of these it recovered.'),
  report: Digest.describe('Of the whole report, as JSON.'),
});

/** An environment takes promotions again, after a rollback. */
export const ResumeEvent = z.strictObject({
  ...base,
  type: z.literal('resume'),
  set: Name,
  environment: Name,
  number: z.int().min(1).describe('The rollback, by its number in the environment.'),
  tag: ObjectName.describe('Of that promotion.'),
  /** Digest of the signed bytes of that promotion's tag. */
  promotion: Digest,
  reason: z.string(),
});
