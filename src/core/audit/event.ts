import * as z from 'zod';
import type { ByteString } from '../byte-string.ts';
import { escapeText, utf8Encode } from '../byte-string.ts';
import { canonicalJson, parseCanonicalJson } from '../canonical-json.ts';
import { MalformedError } from '../errors.ts';
import type { Oid } from '../oid.ts';
import { isName, isSnapshotId } from '../refs.ts';
import type { KeyId } from '../signing.ts';
import { isKeyId } from '../signing.ts';

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const ObjectName = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/) as unknown as z.ZodType<Oid, string>;
const SetName = z.string().refine(isName);
const SnapshotId = z.string().refine(isSnapshotId);
const Count = z.int().min(0);

const base = {
  format: z.literal(1),
  /** Place in the log: 1, 2, 3 … */
  seq: z.int().min(1),
  at: z.iso
    .datetime({ precision: 0 })
    .describe('When the actor says it happened; the order of the log, not this, is proof.'),
  repository: z.string().regex(/^[0-9a-f]{64}$/),
  actor: z.string().min(1).describe('The person, as the policy names them.'),
  key: z.custom<KeyId>((value) => typeof value === 'string' && isKeyId(value), 'not a key id'),
  policy: z.strictObject({ version: z.int().min(1), digest: Digest }),
};

const SnapshotName = z.strictObject({ id: SnapshotId, tag: ObjectName, payload: Digest });

/** A policy version came into force. */
const PolicyEvent = z.strictObject({ ...base, type: z.literal('policy'), commit: ObjectName });

/** A snapshot was taken. */
const SnapshotEvent = z.strictObject({
  ...base,
  type: z.literal('snapshot'),
  set: SetName,
  snapshot: SnapshotName,
  manifest: Digest,
  subject: z.string(),
  backup: z.literal(true).optional().describe('A rollback took it, of what it was about to replace.'),
  kinds: z
    .array(z.strictObject({ kind: z.string().min(1).max(40), files: Count, bytes: Count }))
    .describe('What the files seem to be, for overviews.'),
  changes: z
    .strictObject({ added: Count, modified: Count, deleted: Count })
    .optional()
    .describe('Paths that differ from the snapshot that the directory was before; absent where there was none.'),
});

/** A directory was put back to a snapshot, or that was tried and taken back. */
const RollbackEvent = z.strictObject({
  ...base,
  type: z.literal('rollback'),
  set: SetName,
  /** Random, one a rollback: what `--continue` finds its own event by. */
  operation: z.string().regex(/^[0-9a-f]{32}$/),
  action: z.enum(['rollback', 'restore', 'undo']),
  outcome: z.enum(['applied', 'reverted']),
  to: SnapshotName,
  /** What the directory was before, as a snapshot that it can be had back from. */
  from: SnapshotName,
  /** Only these paths (percent-encoded), if it was not the whole directory. */
  paths: z.array(z.string()).optional(),
  changes: z.strictObject({ created: Count, replaced: Count, deleted: Count, modes: Count }),
  durationMs: Count,
  reason: z.string().optional(),
});

const Verdict = z.enum(['pass', 'fail', 'error']);

/** A snapshot was put up for an environment. With no approval to wait for, it is live at once. */
const PromotionEvent = z.strictObject({
  ...base,
  type: z.literal('promotion'),
  set: SetName,
  environment: SetName,
  number: z.int().min(1),
  action: z.enum(['promote', 'rollback']),
  tag: ObjectName,
  /** Digest of the signed bytes of the promotion's tag. */
  payload: Digest,
  snapshot: SnapshotName,
  gates: z.array(z.strictObject({ name: SetName, verdict: Verdict, evidence: Digest })),
  frozen: z.array(z.string()).optional().describe('Freeze windows that it was made in.'),
  breakGlass: z.literal(true).optional(),
  reason: z.string(),
});

/** Somebody said what they think of a promotion. */
const ApprovalEvent = z.strictObject({
  ...base,
  type: z.literal('approval'),
  set: SetName,
  environment: SetName,
  number: z.int().min(1),
  decision: z.enum(['approve', 'reject', 'withdraw']),
  tag: ObjectName,
  payload: Digest,
  /** Digest of the signed bytes of the promotion's tag. */
  promotion: Digest,
  reason: z.string().optional(),
});

/** The log was mended: commits on it that are no events are passed over from here on, and the notes were made anew. */
const RepairEvent = z.strictObject({
  ...base,
  type: z.literal('repair'),
  /** What the log ended in. */
  tip: ObjectName,
  skipped: z.array(ObjectName).describe('Commits since the last good event that do not count, oldest first.'),
  reason: z.string().optional(),
});

const AuditEvent = z.discriminatedUnion('type', [
  PolicyEvent,
  SnapshotEvent,
  RollbackEvent,
  PromotionEvent,
  ApprovalEvent,
  RepairEvent,
]);

/** One event of the audit log. */
export type AuditEvent = z.infer<typeof AuditEvent>;

/** What an actor reports; its place in the log and who says so are added when it is written. */
export type EventReport =
  | Omit<z.infer<typeof PolicyEvent>, keyof typeof base>
  | Omit<z.infer<typeof SnapshotEvent>, keyof typeof base>
  | Omit<z.infer<typeof RollbackEvent>, keyof typeof base>
  | Omit<z.infer<typeof PromotionEvent>, keyof typeof base>
  | Omit<z.infer<typeof ApprovalEvent>, keyof typeof base>
  | Omit<z.infer<typeof RepairEvent>, keyof typeof base>;

/** The set that an event is about, or undefined. */
export function eventSet(event: AuditEvent): string | undefined {
  return 'set' in event ? event.set : undefined;
}

/** The environment that an event is about, or undefined. */
export function eventEnvironment(event: AuditEvent): string | undefined {
  return 'environment' in event ? event.environment : undefined;
}

/** The commit message of an event: a line for people, a blank one, and the event as canonical JSON. */
export function encodeEventMessage(event: AuditEvent): ByteString {
  return utf8Encode(`${describeEvent(event)}\n\n${canonicalJson(event)}\n`);
}

/**
 * Reads an event back from its commit's message.
 *
 * @throws {MalformedError} for an unknown type or field, or another spelling than {@link encodeEventMessage}'s
 */
export function parseEventMessage(message: string, what: string): AuditEvent {
  const start = message.lastIndexOf('\n\n') + 2;
  const json = parseCanonicalJson(message.slice(start, -1), what);
  const result = AuditEvent.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new MalformedError(what, `the event's '${issue?.path.join('.') ?? ''}': ${issue?.message ?? 'not valid'}`, {
      cause: result.error,
    });
  }
  if (`${describeEvent(result.data)}\n\n${canonicalJson(result.data)}\n` !== message) {
    throw new MalformedError(what, 'the message is not in canonical form');
  }
  return result.data;
}

/** One line that says what happened. What people wrote is escaped: it may have line feeds, and more. */
export function describeEvent(event: AuditEvent): string {
  switch (event.type) {
    case 'policy':
      return `policy: version ${event.policy.version}`;
    case 'snapshot':
      return `snapshot: ${event.set}/${event.snapshot.id}: ${escapeText(event.subject)}`;
    case 'rollback': {
      const verb = event.outcome === 'applied' ? event.action : `${event.action} taken back`;
      return `${verb}: ${event.set} to ${event.to.id}${withReason(event.reason)}`;
    }
    case 'promotion': {
      const verb = event.action === 'promote' ? 'promotion' : 'promotion back';
      const past = event.breakGlass ? ' past the rules' : '';
      return `${verb}: ${event.environment}/${event.number}: ${event.set}/${event.snapshot.id}${past}${withReason(event.reason)}`;
    }
    case 'approval':
      return `${event.decision}: ${event.set}/${event.environment}/${event.number}${withReason(event.reason)}`;
    case 'repair':
      return `repair: ${event.skipped.length} commits passed over${withReason(event.reason)}`;
  }
}

function withReason(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${escapeText(reason)}`;
}

/** The object whose note tells of the event. */
export function eventObject(event: AuditEvent): Oid {
  switch (event.type) {
    case 'policy':
      return event.commit;
    case 'snapshot':
      return event.snapshot.tag;
    case 'rollback':
      return event.to.tag;
    case 'promotion':
      return event.snapshot.tag;
    case 'approval':
      return event.tag;
    case 'repair':
      return event.tip;
  }
}
