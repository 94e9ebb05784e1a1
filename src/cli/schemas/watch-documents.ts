import { z } from 'zod';
import { CHECK_VERDICTS } from '../../core/doctor/check.ts';
import { LEVEL_VERDICTS } from '../../core/levels/judge.ts';
import { LEVELS } from '../../core/levels/limits.ts';
import { reportDocument } from './report-document.ts';

const count = z.int().nonnegative();
const time = z.iso.datetime().describe('UTC, to the second');

const Level = z.strictObject({
  level: z.enum(LEVELS),
  verdict: z.enum(LEVEL_VERDICTS).describe('unmeasured is neither met nor broken'),
  limitSec: count.nullable(),
  limitSource: z.enum(['policy', 'default']).nullable(),
  times: z
    .strictObject({ count, medianMs: count, p95Ms: count, worstMs: count, lastMs: count })
    .nullable()
    .describe('null: an age, or never measured'),
  since: time.nullable().describe('of an age: when it was; null: a time, or it never was'),
  ageSec: count.nullable(),
});

const Levels = z.strictObject({
  ok: z.boolean().describe('no limit is broken; see unmeasured, too'),
  at: time,
  since: time.nullable(),
  met: count,
  broken: count,
  unmeasured: count.describe('limits of which nothing can be said'),
  sets: z.array(z.strictObject({ set: z.string(), levels: z.array(Level) })),
});

/** The documents of the commands that tell how things stand. */
export const WATCH_DOCUMENTS = {
  slo: Levels,
  doctor: z.strictObject({
    ok: z.boolean().describe('nothing is wrong'),
    checks: z.array(
      z.strictObject({
        check: z.string(),
        verdict: z.enum(CHECK_VERDICTS),
        detail: z.string(),
        hint: z.string().nullable().describe('what to type'),
      }),
    ),
  }),
  report: reportDocument({ Levels }),
  metrics: z
    .array(
      z.strictObject({
        name: z.string(),
        type: z.enum(['counter', 'gauge', 'histogram']),
        unit: z.enum(['seconds', 'bytes']).nullable(),
        help: z.string(),
        samples: z
          .array(z.strictObject({ name: z.string(), labels: z.record(z.string(), z.string()), value: z.number() }))
          .min(1),
      }),
    )
    .describe('families, in the order in which the text has them'),
};
