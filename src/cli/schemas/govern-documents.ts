import { z } from 'zod';
import { PolicySchema } from '../../core/policy/schema.ts';

const count = z.int().nonnegative();
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const oid = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);

const Changes = z.array(
  z.strictObject({
    path: z.string().describe('names from the top, joined by dots'),
    before: z.string().nullable(),
    after: z.string().nullable(),
  }),
);

const Signatures = z.array(
  z.strictObject({
    version: count.describe('whose root people are counted'),
    signed: z.array(z.string()),
    threshold: count,
    others: z.array(z.string()).describe('who may sign, and has not'),
  }),
);

const Outcome = z.strictObject({
  outcome: z.enum(['in-force', 'proposed']),
  version: count,
  digest,
  signatures: Signatures,
  proposal: z.string().nullable().describe('the ref to share, where signatures are missing'),
});

/** The documents of the commands that govern, by command and action. */
export const GOVERN_DOCUMENTS = {
  'log --verify': z.strictObject({
    ok: z.boolean(),
    tip: oid.nullable().describe('the last commit of the log'),
    events: count.describe('that may stand where they do'),
    policyVersion: count,
    voided: z
      .array(z.strictObject({ commit: oid, detail: z.string() }))
      .describe('events that do not count any more: their key was revoked'),
    findings: z.array(z.strictObject({ rule: z.string(), object: oid, detail: z.string() })),
  }),
  'log repair': z.strictObject({
    outcome: z.enum(['repaired', 'nothing-to-do']),
    seq: count.nullable().describe('number of the event that records it'),
    skipped: z.array(z.strictObject({ commit: oid, detail: z.string() })).describe('what does not count, oldest first'),
    notes: z.boolean().describe('whether the notes were made anew'),
  }),
  'policy show': z.strictObject({
    version: count,
    digest,
    commit: oid,
    inForce: z.boolean(),
    policy: PolicySchema.describe('as it is stored and signed'),
  }),
  'policy check': z.strictObject({ version: count, changes: Changes }),
  'policy diff': z.strictObject({
    changes: Changes,
    faults: z.array(z.string()).describe('why it cannot follow the policy in force'),
  }),
  'policy apply': Outcome,
  'policy history': z.array(
    z.strictObject({
      version: count,
      digest,
      commit: oid,
      since: z
        .strictObject({ seq: count, at: z.iso.datetime(), actor: z.string() })
        .nullable()
        .describe('the event by which it came into force'),
      signatures: Signatures,
      changes: Changes.describe('against the version before'),
    }),
  ),
  'policy proposals': z.array(
    z.strictObject({
      ref: z.string(),
      version: count,
      digest,
      stale: z.boolean().describe('it cannot follow the policy in force any more'),
      signatures: Signatures,
    }),
  ),
  'key list': z.array(
    z.strictObject({
      key: z.string(),
      person: z.string(),
      status: z.enum(['active', 'retired', 'revoked']),
      fromVersion: count,
      toVersion: count.describe('the last version that has it'),
      roles: z.array(z.string()),
      revoked: z
        .strictObject({ reason: z.string(), since: count.describe('the first event that is not believed') })
        .nullable(),
      expires: z.string().nullable().describe('when its certificate runs out, or ran out; null: never'),
    }),
  ),
  'key add': Outcome,
  'key rotate': Outcome.extend({ retired: z.string(), added: z.string() }),
  'key export': z.array(
    z.strictObject({ person: z.string(), key: z.string(), armored: z.string().describe('certificate, or .pub line') }),
  ),
  trust: z.strictObject({
    repository: z.string().nullable().describe('null: there is no policy here yet'),
    root: z
      .strictObject({ found: digest.nullable(), pinned: digest.nullable() })
      .describe('digest of the first version: the one here, and the one that you trust'),
    policy: z.strictObject({ version: count, digest }).nullable(),
    log: z
      .strictObject({ event: count.nullable() })
      .describe('the last event that is here; null: there is none, or the last commit is none'),
    seen: z
      .strictObject({ policyVersion: count.nullable(), event: count.nullable() })
      .describe('what was verified in this clone before'),
  }),
};
