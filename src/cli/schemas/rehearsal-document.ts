import { z } from 'zod';
import { ROLLBACK_PHASES } from '../../core/rollback/phases.ts';
import { Gate } from './gate-document.ts';

const count = z.int().nonnegative();
const time = z.iso.datetime().describe('UTC, to the second');
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const id = z.string().regex(/^\d{8}T\d{6}Z-[0-9a-f]{12}$/);
const verdict = z.enum(['pass', 'fail']);

const Rollback = z.strictObject({
  phases: z.array(z.strictObject({ phase: z.enum(ROLLBACK_PHASES), ms: count })),
  changes: z.strictObject({ created: count, replaced: count, deleted: count, modes: count }),
  durationMs: count,
});

const Faults = z.strictObject({
  steps: count.describe('places at which a rollback can be killed: before each move of a file, and after the last'),
  points: count.describe('at how many of them it was'),
  recovered: count,
  failures: z.array(z.strictObject({ step: count, way: z.enum(['continue', 'abort']), detail: z.string() })),
});

const Rehearsed = z.strictObject({
  snapshot: id,
  purpose: z
    .enum(['named', 'rollback', 'environment', 'live', 'sample'])
    .describe('environment: a rollback of it would go there; live: it is live there'),
  environment: z.string().nullable(),
  start: z
    .enum(['copy', 'empty'])
    .describe(
      'what it was put into: a copy of the directory, or nothing, where the directory is that snapshot already',
    ),
  verdict,
  criteria: z.array(
    z.strictObject({
      criterion: z.enum(['exact', 'untouched', 'recovery', 'loss', 'gates', 'faults']),
      limit: z.string(),
      value: z.string(),
      ok: z.boolean(),
    }),
  ),
  failure: z.string().nullable().describe('why it came to no end'),
  recoveryMs: count.describe('until the copy was that snapshot, verified and recorded; or until that failed'),
  verifyMs: count.nullable().describe('every byte of the snapshot, beforehand'),
  files: count,
  bytes: count,
  there: Rollback.nullable(),
  back: Rollback.nullable(),
  gates: z.array(Gate),
  faults: Faults.nullable().describe('only with --faults'),
});

/** The document of `rehearse`. Its SHA-256, as it is printed, is in the log. */
export const RehearsalDocument = z.strictObject({
  repository: z.string(),
  set: z.string(),
  startedAt: time,
  durationMs: count,
  policy: z.strictObject({ version: count, digest }),
  verdict,
  live: z.strictObject({
    snapshot: id.nullable().describe('of which the copy was made; null where there is no directory'),
    taken: z.boolean().describe('whether it was taken for that'),
    manifest: digest.describe('of the directory, before'),
    files: count,
    bytes: count,
    changed: z
      .array(z.strictObject({ path: z.string(), pathEncoded: z.string().optional() }))
      .describe('paths that differ afterwards, the first 100'),
    changedPaths: count,
    copyMs: count.nullable().describe('how long the copy took: a rollback into an empty directory'),
  }),
  last: z
    .strictObject({ snapshot: id, at: time, ageSec: count })
    .nullable()
    .describe(
      'the last snapshot before that somebody took (not the backup of a rollback), and its age: what came later is lost with the directory',
    ),
  rehearsals: z.array(Rehearsed),
  history: z
    .array(
      z.strictObject({
        seq: count,
        at: time,
        snapshot: id,
        environment: z.string().nullable(),
        verdict,
        recoveryMs: count,
        back: z.boolean().describe('whether the directory was back, exactly, after that time'),
        actor: z.string(),
      }),
    )
    .describe('rehearsals before, newest first'),
});
