import type { AuditEvent, EventReport } from '../../core/audit/event.ts';
import { encodeEventMessage, parseEventMessage } from '../../core/audit/event.ts';
import { afterEvent, EMPTY_LOG, outlivesPolicy } from '../../core/audit/judge-event.ts';
import type { NotesView } from '../../core/audit/notes-view.ts';
import { utf8Decode } from '../../core/byte-string.ts';
import { MalformedError, RefConflictError, SnapshotError } from '../../core/errors.ts';
import { encodeCommit, signCommit } from '../../core/git/commit.ts';
import type { Oid } from '../../core/oid.ts';
import { isExpired, personOf } from '../../core/policy/roles.ts';
import type { Policy } from '../../core/policy/schema.ts';
import type { RefUpdate } from '../../core/ports.ts';
import { LOG_REF, POLICY_REF } from '../../core/refs.ts';
import type { Signer } from '../../core/signing.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import { hintToPush } from '../share/hint-to-push.ts';
import type { Actor } from './actor.ts';
import type { LogHead } from './log-head.ts';
import { logHead } from './log-head.ts';
import { addNote } from './notes.ts';

/** What one attempt wants to publish: an event, and the refs that come with it or not at all. */
export interface Publication<T> {
  readonly event: EventReport;
  readonly updates: readonly RefUpdate[];
  readonly reason: string;
  readonly result: T;
  /** Called with the very event that will be written; throws where it may not stand. */
  readonly check?: (event: AuditEvent) => void;
}

const MAX_ATTEMPTS = 200;
/** Collisions before anybody looks for another reason: refs of one transaction are not moved at the very same instant. */
const PATIENT_ATTEMPTS = 5;

/**
 * Publishes refs and their event in ONE ref transaction.
 *
 * Others may publish at the same time: whoever finds the log moved makes everything anew on top of it, so that no
 * event is lost and the chain stays single. Nothing is written on a log that has findings, and nothing once the policy
 * is no longer the one that the actor was judged by.
 *
 * @param attempt - builds what is to be published on the log tip that it is given
 */
export async function publish<T>(
  ctx: Context,
  actor: Actor,
  attempt: (tip: Oid) => Promise<Publication<T>>,
): Promise<T> {
  const { trusted } = actor;
  return publishOn(ctx, {
    before: async () => {
      const head = await logHead(ctx, trusted);
      const { event: report, check, ...publication } = await attempt(head.tip);
      refuseExpired(ctx, trusted.policy, report);
      const event = eventOf(ctx, { report, actor, seq: head.state.seq + 1 });
      requireReadable(event);
      check?.(event);
      return { ...publication, event, head };
    },
    signer: actor.signer,
    identity: actor.identity,
    repository: trusted.policy.repository,
    // No change, but the transaction fails if the policy has moved.
    guards: [{ name: POLICY_REF, from: trusted.commit, to: trusted.commit }],
  });
}

/** What could not be read back would break the log for everybody. @throws {SnapshotError} of kind `config` */
function requireReadable(event: AuditEvent): void {
  try {
    parseEventMessage(utf8Decode(encodeEventMessage(event)) ?? '', 'the event');
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new SnapshotError('config', `this cannot be put into the log: ${error.message}`, {
      cause: error,
      hint: 'Nothing was signed. Check what was typed, and the clock of this machine.',
    });
  }
}

/** One attempt to publish, ready to be written. `head` null: the event is the first. */
interface Attempt<T> extends Omit<Publication<T>, 'event' | 'check'> {
  readonly event: AuditEvent;
  readonly head: LogHead | null;
  /** The notes made anew, for a repair. */
  readonly notes?: NotesView;
}

interface Publishing<T> {
  readonly before: () => Promise<Attempt<T>>;
  readonly signer: Signer;
  readonly identity: Actor['identity'];
  readonly repository: string;
  readonly guards: readonly RefUpdate[];
}

/** The loop underneath {@link publish}, for events that do not stand under the policy in force. */
export async function publishOn<T>(
  ctx: Context,
  { before, signer, identity, repository, guards }: Publishing<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const { event, updates, reason, result, head, notes: anew } = await before();
    const notes = anew ?? (await addNote(ctx, event, head?.notes));
    const payload = encodeCommit({
      tree: notes.root,
      parent: head?.tip,
      author: { ...identity, atSec: Math.floor(Date.parse(event.at) / 1000) },
      message: encodeEventMessage(event),
    });
    const body = signCommit(payload, await signer.sign(payload), ctx.store.format);
    const [oid] = (await ctx.store.writeObjects([...notes.objects, { type: 'commit', body }])).slice(-1) as [Oid];
    const log: RefUpdate = { name: LOG_REF, from: head?.tip ?? null, to: oid };
    const moved = new Set(updates.map(({ name }) => name));
    try {
      await ctx.store.updateRefs([...updates, log, ...guards.filter(({ name }) => !moved.has(name))], reason);
    } catch (error) {
      if (!(error instanceof RefConflictError) || tries >= MAX_ATTEMPTS) throw error;
      await refuseMovedPolicy(ctx, guards);
      // Spread those that collided, the more the longer it goes on.
      await ctx.sleep(Number.parseInt(ctx.randomHex(1), 16) % (10 + 2 * tries));
      if (tries >= PATIENT_ATTEMPTS) await refuseObstacle(ctx, { updates, log });
      continue;
    }
    await ctx.trust.remember(repository, { log: afterEvent(head?.state ?? EMPTY_LOG, { oid, event }) });
    // Whoever changes the policy is told how to share it, and what the others type.
    if (event.type !== 'policy') await hintToPush(ctx, event, head?.tip);
    return result;
  }
}

/**
 * A ref that was put where ours belongs would be in the way for ever: the log has not moved, so no event came with it.
 *
 * @throws {SnapshotError} naming it
 */
async function refuseObstacle(
  ctx: Context,
  { updates, log }: { updates: readonly RefUpdate[]; log: RefUpdate },
): Promise<void> {
  for (const { name, from } of updates) {
    const found = await ctx.store.readRef(name);
    if (found === from || (await ctx.store.readRef(LOG_REF)) !== log.from) continue;
    throw new SnapshotError(
      'conflict',
      `'${name}' is in the way: it is at ${found ?? 'nothing'}, and no event tells of it`,
      {
        hint: `Find out who made it, then remove it with "git update-ref -d ${name}", and run the command again.`,
      },
    );
  }
}

/** @throws {SnapshotError} if the policy that the event would stand under is no longer in force */
async function refuseMovedPolicy(ctx: Context, guards: readonly RefUpdate[]): Promise<void> {
  for (const { name, from } of guards) {
    if (name === POLICY_REF && (await ctx.store.readRef(name)) !== from)
      throw new SnapshotError('conflict', 'the policy was changed meanwhile', {
        hint: 'Nothing was published. Run the command again.',
      });
  }
}

/** The event that a report becomes at its place. */
export function eventOf(
  ctx: Context,
  { report, actor: { signer, trusted }, seq }: { report: EventReport; actor: Actor; seq: number },
): AuditEvent {
  return {
    ...report,
    format: 1,
    seq,
    at: new Date(nowSec(ctx) * 1000).toISOString().replace('.000Z', 'Z'),
    repository: trusted.policy.repository,
    actor: personOf(trusted.policy, signer.key) ?? '',
    key: signer.key,
    policy: { version: trusted.policy.version, digest: trusted.digest },
  };
}

function refuseExpired(ctx: Context, policy: Policy, report: EventReport): void {
  if (outlivesPolicy(report) || !isExpired(policy, nowSec(ctx))) return;
  throw new SnapshotError('untrusted', `the policy ran out at ${policy.expires ?? ''}`, {
    hint: 'Root people make the next version with "git snapshot policy apply". Rollbacks go on meanwhile.',
  });
}
