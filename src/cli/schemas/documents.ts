import { z } from 'zod';
import { AuditEvent } from '../../core/audit/event.ts';
import { EXCHANGE_DOCUMENTS } from './exchange-documents.ts';
import { Gate } from './gate-document.ts';
import { GOVERN_DOCUMENTS } from './govern-documents.ts';
import { HOOKS_DOCUMENTS } from './hooks-documents.ts';
import { KEEPING_DOCUMENTS } from './keeping-documents.ts';
import { PROMOTION_DOCUMENTS } from './promotion-documents.ts';
import { RehearsalDocument } from './rehearsal-document.ts';
import { RETENTION_DOCUMENTS } from './retention-documents.ts';
import { reviewDocument } from './review-document.ts';
import { Health, rollbackDocuments } from './rollback-documents.ts';
import { SHARE_DOCUMENTS } from './share-documents.ts';
import { WATCH_DOCUMENTS } from './watch-documents.ts';

// What `--json` prints. Strict: a field that is printed and not described here is a mistake.

const count = z.int().nonnegative();
const time = z.iso.datetime().describe('UTC, to the second');
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const oid = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
const id = z.string().regex(/^\d{8}T\d{6}Z-[0-9a-f]{12}$/);
const path = {
  path: z.string().describe('as text'),
  pathEncoded: z.string().optional().describe('percent-encoded bytes; only where the path is not UTF-8'),
};
const side = z.strictObject({ mode: z.string().regex(/^[0-7]{6}$/), size: count }).nullable();

const Snapshot = z.strictObject({
  set: z.string(),
  id,
  ref: z.string().describe('full name of the ref'),
  tag: oid.describe('object name of the tag'),
  tree: oid.describe('object name of the tree'),
  payload: digest.describe('of the signed bytes: the identity of the snapshot'),
  manifest: digest,
  files: count,
  bytes: count,
  takenAt: time,
  message: z.string(),
  body: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  tagger: z.strictObject({ name: z.string(), email: z.string() }),
  ...path,
  context: z.record(z.string(), z.string()).describe('where it was taken: CI run, host'),
  source: z.strictObject({ commit: z.string(), dirty: z.boolean() }).nullable().describe('commit that was checked out'),
  previous: z.string().nullable().describe('payload of the snapshot before'),
  policy: z.strictObject({ version: count, digest: z.string() }),
});

const Change = z.strictObject({
  status: z.enum(['A', 'M', 'D', 'T']).describe('added, modified, deleted, another type'),
  ...path,
  modeOnly: z.literal(true).optional().describe('only where nothing but the permissions differ'),
  from: side,
  to: side,
});

const ChangeCounts = z.strictObject({
  added: count,
  modified: count,
  deleted: count,
  typeChanged: count,
  modes: count,
});

const Kind = z.strictObject({ kind: z.string(), files: count, bytes: count });

const Process = z.strictObject({ pid: count, host: z.string().nullable().describe('null: this one') });

/** The document of each command, by the command's name. */
export const DOCUMENTS = {
  init: z.strictObject({
    repository: z.string(),
    sets: z.array(z.strictObject({ set: z.string(), path: z.string() })),
    key: z.string(),
    keySource: z.strictObject({ kind: z.enum(['made', 'found', 'gpg']), file: z.string().nullable() }),
    policy: z.strictObject({ version: count, digest: z.string() }),
    remotes: z.array(z.string()).describe('that snapshots can be pushed to'),
  }),
  create: z.strictObject({
    created: z.boolean().describe('false where nothing had changed, and in a dry run'),
    snapshot: Snapshot.nullable().describe('the new one, or the one that the directory equals'),
    changes: ChangeCounts.describe('against the snapshot before'),
    kinds: z.array(Kind),
    files: count,
    bytes: count,
    gates: z.array(Gate).describe('of the set; empty where nothing had changed'),
    pruned: z
      .strictObject({ removed: z.array(id), dropped: z.array(id) })
      .optional()
      .describe('only where the policy or --auto asked for it'),
    dryRun: z.literal(true).optional(),
    gatesNotRun: z
      .array(z.string())
      .optional()
      .describe('only in a dry run: it stores nothing that they could look at'),
    excluded: z
      .array(z.strictObject({ ...path, directory: z.boolean(), pattern: z.string(), source: z.string() }))
      .optional()
      .describe('only in a dry run'),
  }),
  status: z.strictObject({
    set: z.string(),
    snapshot: Snapshot.nullable().describe('what the directory should be'),
    exists: z.boolean().describe('whether the directory is there'),
    clean: z.boolean(),
    changes: z.array(Change),
    unfit: z
      .array(z.strictObject({ ...path, what: z.string() }))
      .describe(
        'what no snapshot can hold, as a socket or a link that leads out: no change, and left alone by a rollback',
      ),
    rollbackInProgress: z.boolean(),
    rollback: z
      .strictObject({
        set: z.string(),
        from: z.string().nullable(),
        to: z.string(),
        startedAt: time,
        process: Process.nullable().describe(
          'that is at work on it; null where it was interrupted, and is to be continued or aborted',
        ),
      })
      .nullable(),
    busy: Process.nullable().describe(
      'that is working on the set otherwise, as who prepares a rollback: what the rest says may be about to change',
    ),
  }),
  list: z.array(Snapshot),
  show: Snapshot.extend({
    kinds: z.array(Kind).nullable().describe('as its event says; null where the log has none'),
    changes: z
      .strictObject({ added: count, modified: count, deleted: count })
      .nullable()
      .describe('against what the directory was before'),
  }),
  diff: z.strictObject({
    from: id,
    to: id.nullable().describe('null: the directory as it is'),
    changes: z.array(Change),
  }),
  manifest: z.strictObject({
    snapshot: Snapshot,
    entries: z.array(
      z.strictObject({
        ...path,
        mode: z.string().regex(/^[0-7]{6}$/),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        size: count,
      }),
    ),
  }),
  verify: z.strictObject({
    ok: z.boolean(),
    results: z.array(
      z.strictObject({
        set: z.string(),
        id: z.string(),
        ok: z.boolean(),
        checks: z.array(z.strictObject({ check: z.string(), ok: z.boolean(), detail: z.string() })),
      }),
    ),
  }),
  log: z.array(
    z.strictObject({
      seq: count,
      commit: oid,
      type: z.string(),
      at: time,
      actor: z.string(),
      key: z.string(),
      set: z.string().nullable(),
      snapshot: z.string().nullable(),
      summary: z.string(),
      voided: z.string().nullable().describe('why it does not count any more: its key was revoked'),
      event: AuditEvent.describe('as it was signed: one of these, by its type'),
    }),
  ),
  ...rollbackDocuments({ Change, path }),
  ...PROMOTION_DOCUMENTS,
  review: reviewDocument({ Snapshot, Change, ChangeCounts }),
  ...GOVERN_DOCUMENTS,
  ...SHARE_DOCUMENTS,
  ...RETENTION_DOCUMENTS,
  rehearse: RehearsalDocument,
  ...KEEPING_DOCUMENTS,
  ...EXCHANGE_DOCUMENTS,
  ...HOOKS_DOCUMENTS,
  ...WATCH_DOCUMENTS,
};

/** On standard error under `--json`, where a command fails. Standard output stays empty. */
export const ErrorDocument = z.strictObject({
  error: z.strictObject({
    kind: z.string(),
    message: z.string(),
    hint: z.string().nullable(),
    exitCode: z.int(),
    gates: z.array(Gate).optional().describe('where gates are in the way: what each of them found'),
    health: Health.optional().describe('where a rollback was taken back for it: what the health program said'),
    healthBefore: Health.optional().describe('and what it said afterwards, of what is there again'),
    notes: z
      .array(z.string())
      .optional()
      .describe('what was told before: warnings, and in a conflict every event that is in the way; absent: nothing'),
  }),
});
