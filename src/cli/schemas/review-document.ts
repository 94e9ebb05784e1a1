import { z } from 'zod';
import { Gate } from './gate-document.ts';
import { HoldAfterRollback, PROMOTION_DOCUMENTS } from './promotion-documents.ts';

const count = z.int().nonnegative();
const time = z.iso.datetime().describe('UTC, to the second');
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const Checks = z.array(z.strictObject({ check: z.string(), ok: z.boolean(), detail: z.string() }));
const PolicyName = z.strictObject({ version: count, digest });
const Promotion = PROMOTION_DOCUMENTS.promotions.element;

/** The document of `review`, of parts that other documents have too. */
export function reviewDocument<Snapshot extends z.ZodType, Change extends z.ZodType, Counts extends z.ZodType>(parts: {
  readonly Snapshot: Snapshot;
  readonly Change: Change;
  readonly ChangeCounts: Counts;
}) {
  const Side = z.strictObject({
    id: z.string(),
    number: z.int().positive().describe('of the promotion that put it up'),
    info: parts.Snapshot.nullable().describe('null: its tag cannot be read'),
    checks: Checks,
  });
  return z.strictObject({
    ok: z.boolean().describe('every check is good, and every gate that was run now passed'),
    promotion: Promotion,
    body: z.string().nullable().describe('of its tag, below the reason'),
    rules: z.strictObject({
      from: z.string().nullable(),
      approvals: count,
      excludeAuthor: z.boolean(),
      excludePromoter: z.boolean(),
      rejections: z.enum(['block', 'outvote']),
      gates: z.array(z.string()),
      soakSec: count,
      breakGlass: z.boolean(),
    }),
    live: z.strictObject({ number: z.int().positive(), snapshot: z.string() }).nullable().describe('what is live now'),
    checks: Checks.describe("of the promotion's tag"),
    contentVerified: z.boolean(),
    snapshot: Side,
    before: Side.nullable().describe('what it takes, or took, the place of'),
    counts: parts.ChangeCounts.nullable(),
    changes: z.array(parts.Change).nullable().describe('null: one of the two cannot be read'),
    gates: z.array(
      z.strictObject({
        name: z.string(),
        type: z.string().nullable().describe('null: the policy has it no more'),
        required: z.boolean().describe('whether the environment asks for it now'),
        recorded: z.strictObject({ verdict: z.enum(['pass', 'fail', 'error']), evidence: digest }).nullable(),
        rerun: Gate.nullable().describe('only with --rerun'),
      }),
    ),
    signers: z.array(
      z.strictObject({
        deed: z.enum(['snapshot', 'promote', 'approve', 'reject']),
        person: z.string(),
        name: z.string().nullable(),
        key: z.string(),
        at: time,
        reason: z.string().nullable(),
        leftOut: z.string().nullable().describe('why it does not count'),
      }),
    ),
    missing: z.strictObject({
      approvals: count,
      people: z.array(z.string()).describe('who could give one'),
      rejectedBy: z.array(z.string()).describe('whose rejections stop it'),
    }),
    origin: z
      .strictObject({
        environment: z.string(),
        snapshot: z.string().nullable(),
        same: z.boolean(),
        soakLeftSec: count.nullable(),
      })
      .nullable(),
    hold: HoldAfterRollback.nullable().describe(
      'the rollback that nothing is promoted after; null: promotions are taken',
    ),
    frozen: z.array(z.string()).describe('freeze windows that hold now'),
    nextFreeze: z.strictObject({ name: z.string(), at: time }).nullable(),
    policy: z.strictObject({ made: PolicyName, current: PolicyName }),
  });
}
