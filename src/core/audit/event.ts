import * as z from 'zod';
import type { ByteString } from '../byte-string.ts';
import { utf8Encode } from '../byte-string.ts';
import { canonicalJson, parseCanonicalJson } from '../canonical-json.ts';
import { MalformedError } from '../errors.ts';
import { describeEvent } from './describe-event.ts';
import { base, Count, Digest, Name, ObjectName, SnapshotName } from './event-base.ts';
import { Health, Phases, RehearsalEvent, ResumeEvent } from './recovery-events.ts';
import { EraseEvent, HoldEvent, PruneEvent, ReleaseEvent, UndeleteEvent } from './retention-events.ts';

/** A policy version came into force. */
const PolicyEvent = z.strictObject({ ...base, type: z.literal('policy'), commit: ObjectName });

/** A snapshot was taken. */
const SnapshotEvent = z.strictObject({
  ...base,
  type: z.literal('snapshot'),
  set: Name,
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
  durationMs: Count.optional().describe('How long it took until it was signed.'),
});

/** What gates said. */
const GateVerdicts = z.array(
  z.strictObject({ name: Name, verdict: z.enum(['pass', 'fail', 'error']), evidence: Digest }),
);

/** A directory was put back to a snapshot, or that was tried and taken back. */
export const RollbackEvent = z.strictObject({
  ...base,
  type: z.literal('rollback'),
  set: Name,
  operation: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('Random, one a rollback: what --continue finds its own event by.'),
  action: z.enum(['rollback', 'restore', 'undo']),
  outcome: z.enum(['applied', 'reverted']),
  to: SnapshotName,
  from: SnapshotName.describe('What the directory was before, as a snapshot that it can be had back from.'),
  paths: z
    .array(z.string())
    .optional()
    .describe('Only these paths (percent-encoded), if it was not the whole directory.'),
  changes: z.strictObject({ created: Count, replaced: Count, deleted: Count, modes: Count }),
  durationMs: Count,
  phases: Phases.optional(),
  gates: GateVerdicts.optional().describe('What the gates of the set said of what was put back.'),
  pastGates: z.literal(true).optional().describe('It was put back whatever they said.'),
  health: Health.optional().describe('What the health program said, if one was asked.'),
  reason: z.string().optional(),
});

/** A snapshot was put up for an environment. With no approval to wait for, it is live at once. */
const PromotionEvent = z.strictObject({
  ...base,
  type: z.literal('promotion'),
  set: Name,
  environment: Name,
  number: z.int().min(1),
  action: z.enum(['promote', 'rollback']),
  tag: ObjectName,
  /** Digest of the signed bytes of the promotion's tag. */
  payload: Digest,
  snapshot: SnapshotName,
  gates: GateVerdicts,
  verifyMs: Count.optional().describe('How long it took to verify every byte.'),
  frozen: z.array(z.string()).optional().describe('Freeze windows that it was made in.'),
  breakGlass: z.literal(true).optional(),
  reason: z.string(),
});

/** Somebody said what they think of a promotion. */
const ApprovalEvent = z.strictObject({
  ...base,
  type: z.literal('approval'),
  set: Name,
  environment: Name,
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

/** Every event that a log may hold, as it is signed: `base` is what each has. */
export const AuditEvent = z.discriminatedUnion('type', [
  PolicyEvent,
  SnapshotEvent,
  RollbackEvent,
  PromotionEvent,
  ApprovalEvent,
  RepairEvent,
  PruneEvent,
  UndeleteEvent,
  HoldEvent,
  ReleaseEvent,
  EraseEvent,
  RehearsalEvent,
  ResumeEvent,
]);

/** One event of the audit log. */
export type AuditEvent = z.infer<typeof AuditEvent>;

/** What an actor reports; its place in the log and who says so are added when it is written. */
export type EventReport = ReportOf<AuditEvent>;

type ReportOf<Event> = Event extends unknown ? Omit<Event, keyof typeof base> : never;

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
