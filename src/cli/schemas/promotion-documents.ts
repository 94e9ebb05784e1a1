import { z } from 'zod';
import { Gate, gateVerdict } from './gate-document.ts';

const count = z.int().nonnegative();
const time = z.iso.datetime().describe('UTC, to the second');
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const oid = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
const id = z.string().regex(/^\d{8}T\d{6}Z-[0-9a-f]{12}$/);
const frozen = z.array(z.string()).describe('freeze windows that hold, by name');

const Approvals = z.strictObject({
  needed: count,
  approved: z.array(z.string()).describe('people whose approval counts'),
  rejected: z.array(z.string()),
  others: z.array(z.string()).describe('people who could still approve'),
});

/** What an environment is on hold for. */
export const HoldAfterRollback = z.strictObject({
  number: z.int().positive().describe('of the rollback'),
  by: z.string().describe('who rolled back'),
  since: time,
  reason: z.string(),
});

const Promote = z.strictObject({
  outcome: z.enum(['live', 'pending', 'planned']),
  set: z.string(),
  environment: z.string(),
  number: z.int().positive().describe('of a dry run, the one that it would have'),
  snapshot: id,
  action: z.enum(['promote', 'rollback']),
  previous: id.nullable().describe('what was live before'),
  gates: z.array(Gate),
  approvals: Approvals,
  frozen,
  breakGlass: z.boolean(),
});

const Promotion = z.strictObject({
  set: z.string(),
  environment: z.string(),
  number: z.int().positive(),
  ref: z.string().describe('full name of the ref'),
  tag: oid.describe('object name of its tag'),
  snapshot: id,
  payload: digest.describe("of the snapshot's signed bytes"),
  action: z.enum(['promote', 'rollback']),
  status: z
    .enum(['live', 'superseded', 'pending', 'rejected', 'overtaken', 'erased', 'void'])
    .describe(
      'overtaken: it waits, and a later one is live; erased: it waited, and its snapshot is gone for good; void: a key was revoked',
    ),
  promoter: z.string(),
  author: z.string().nullable().describe('who took the snapshot'),
  at: time,
  effectiveAt: time.nullable().describe('since when it counts'),
  reason: z.string(),
  gates: z.array(z.strictObject({ name: z.string(), verdict: gateVerdict })),
  opinions: z
    .array(
      z.strictObject({
        person: z.string(),
        decision: z.enum(['approve', 'reject']),
        at: time,
        reason: z.string().nullable(),
      }),
    )
    .describe('the last word of each'),
  approvals: Approvals,
  holds: z.boolean().describe('whether nothing is promoted after this rollback until somebody resumes'),
  frozen,
  breakGlass: z.boolean(),
});

const Decision = z.strictObject({
  decision: z.enum(['approve', 'reject', 'withdraw']),
  promotion: Promotion.describe('as it is now'),
});

/** The documents of the commands that promote, but for `rollback --env`, which has one of the directory in it. */
export const PROMOTION_DOCUMENTS = {
  promote: Promote,
  approve: Decision,
  environments: z.array(
    z.strictObject({
      set: z.string(),
      environment: z.string(),
      from: z.string().nullable(),
      live: Promotion.nullable(),
      pending: z.array(Promotion).describe('that wait, or were rejected'),
      soakLeftSec: count.nullable().describe('how long what is live in "from" must stay there still'),
      hold: HoldAfterRollback.nullable().describe('null: promotions are taken'),
      frozen,
      nextFreeze: z.strictObject({ name: z.string(), at: time }).nullable(),
    }),
  ),
  promotions: z.array(Promotion),
  resume: z.strictObject({
    set: z.string(),
    environment: z.string(),
    hold: HoldAfterRollback.describe('what it was on hold for'),
    by: z.string().describe('who resumed it'),
    reason: z.string(),
  }),
  check: z.strictObject({ set: z.string(), snapshot: id, ok: z.boolean(), gates: z.array(Gate) }),
};
