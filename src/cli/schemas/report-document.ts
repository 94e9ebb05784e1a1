import { z } from 'zod';
import { RollbackEvent } from '../../core/audit/event.ts';
import { RehearsalEvent } from '../../core/audit/recovery-events.ts';
import { GOVERN_DOCUMENTS } from './govern-documents.ts';
import { KEEPING_DOCUMENTS } from './keeping-documents.ts';
import { PROMOTION_DOCUMENTS } from './promotion-documents.ts';

const count = z.int().nonnegative();
const time = z.iso.datetime().describe('UTC, to the second');
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
/** Of an event as it was signed. Its key is checked by code, which no schema for people can say. */
const key = z.string().describe('openpgp: and 40 hexadecimal digits, or ssh: and 64');

/** The document of `report`. @param parts.Levels - the document of `slo` */
export function reportDocument<Levels extends z.ZodType>({ Levels }: { readonly Levels: Levels }) {
  return z.strictObject({
    at: time,
    since: time.describe('begin of the period that promotions, rollbacks, rehearsals and events are of'),
    ok: z.boolean().describe('nothing is wrong with log, refs, tags and notes'),
    proof: z.strictObject({
      repository: z.string(),
      policy: z.strictObject({ version: count, digest, root: digest.describe('of version 1') }),
      log: z.strictObject({
        tip: z.string().nullable().describe('commit of the last event'),
        digest: digest.nullable().describe('of that commit, as git cat-file prints it'),
        events: count,
        voided: count,
      }),
      findings: z.array(z.strictObject({ rule: z.string(), object: z.string(), detail: z.string() })),
    }),
    policyExpires: time.nullable(),
    keys: GOVERN_DOCUMENTS['key list'],
    levels: Levels,
    sets: z.array(
      z.strictObject({
        set: z.string(),
        path: z.string(),
        pathEncoded: z.string().optional().describe('where the path is not UTF-8 or has control characters'),
        environments: PROMOTION_DOCUMENTS.environments,
        kept: count,
        keptBytes: count.describe('each snapshot as large as its files'),
        newest: z
          .array(
            z.strictObject({
              id: z.string(),
              at: time,
              actor: z.string(),
              subject: z.string(),
              files: count,
              bytes: count,
              backup: z.boolean(),
            }),
          )
          .describe('newest first'),
        holds: KEEPING_DOCUMENTS.holds,
        trash: KEEPING_DOCUMENTS.trash,
        retention: z.union([
          z.strictObject({ remove: count, drop: count }).describe('what pruning now would do'),
          z.strictObject({ fault: z.string() }).describe('why it could do nothing'),
        ]),
      }),
    ),
    promotions: PROMOTION_DOCUMENTS.promotions,
    rollbacks: z.array(RollbackEvent.extend({ key })).describe('events, as they were signed'),
    rehearsals: z.array(RehearsalEvent.extend({ key })).describe('events, as they were signed'),
    events: z.array(z.strictObject({ type: z.string(), count })),
  });
}
