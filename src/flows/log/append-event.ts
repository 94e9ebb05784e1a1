import type { AuditEvent, EventReport } from '../../core/audit/event.ts';
import { encodeEventMessage, eventObject } from '../../core/audit/event.ts';
import { noteItem, noteLine, notePlace, withItem } from '../../core/audit/notes-tree.ts';
import type { ByteString } from '../../core/byte-string.ts';
import { RefConflictError, SnapshotError } from '../../core/errors.ts';
import { encodeCommit, signCommit } from '../../core/git/commit.ts';
import type { TreeItem } from '../../core/git/tree.ts';
import { parseTree } from '../../core/git/tree.ts';
import type { Oid } from '../../core/oid.ts';
import type { Policy, Role } from '../../core/policy/policy.ts';
import { hasRole, personOf } from '../../core/policy/policy.ts';
import type { RefUpdate } from '../../core/ports.ts';
import { LOG_REF } from '../../core/refs.ts';
import type { PublicKey, Signer } from '../../core/signing.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import { MISSING_LOG, requireSignedEvent } from './judge-log.ts';
import type { LoggedEvent } from './read-log.ts';
import { parseLoggedEvent } from './read-log.ts';

/** Who acts, with which key, under which policy. */
export interface Actor {
  readonly signer: Signer;
  readonly policy: Policy;
  /** The keys of the policy. */
  readonly keys: () => Promise<readonly PublicKey[]>;
  /** `sha256:` of the policy's file. */
  readonly policyDigest: string;
  readonly identity: { readonly name: string; readonly email: string };
}

/** What one attempt wants to publish: an event, and the refs that come with it or not at all. */
export interface Publication<T> {
  readonly event: EventReport;
  readonly updates: readonly RefUpdate[];
  readonly reason: string;
  readonly result: T;
}

const MAX_ATTEMPTS = 200;

/**
 * Publishes refs and their event in ONE ref transaction.
 *
 * Others may publish at the same time: whoever finds the log moved makes everything anew on top of it, so that no
 * event is lost and the chain stays single.
 *
 * @param attempt - builds what is to be published on the log tip that it is given (null: the log is empty)
 */
export async function publish<T>(
  ctx: Context,
  actor: Actor,
  attempt: (tip: Oid | null) => Promise<Publication<T>>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const tip = await ctx.store.readRef(LOG_REF);
    const { event, updates, reason, result } = await attempt(tip);
    const commit = await writeEvent(ctx, actor, { report: event, tip });
    try {
      await ctx.store.updateRefs([...updates, { name: LOG_REF, from: tip, to: commit }], reason);
      return result;
    } catch (error) {
      if (!(error instanceof RefConflictError) || tries >= MAX_ATTEMPTS) throw error;
      // Spread those that collided, the more the longer it goes on.
      await ctx.sleep(Number.parseInt(ctx.randomHex(1), 16) % (10 + 2 * tries));
    }
  }
}

/** The person who holds the signer's key. @throws {SnapshotError} unless the policy gives them `role` */
export function requireRole({ signer, policy }: Pick<Actor, 'signer' | 'policy'>, role: Role): string {
  const person = personOf(policy, signer.key);
  if (person === undefined || !hasRole(policy, signer.key, role)) {
    const holders = policy.roles[role].people.join(', ');
    throw new SnapshotError('untrusted', `your key ${signer.key} does not have the role '${role}'`, {
      hint: `The policy gives it to: ${holders}. Ask one of them, or for a change of the policy.`,
    });
  }
  return person;
}

async function writeEvent(
  ctx: Context,
  actor: Actor,
  { report, tip }: { report: EventReport; tip: Oid | null },
): Promise<Oid> {
  const { store, digest } = ctx;
  if (tip === null && report.type !== 'policy') {
    throw new SnapshotError('untrusted', MISSING_LOG, {
      hint: 'Nothing was written. Bring the ref back from a clone; do not go on until you know who removed it.',
    });
  }
  const last = tip === null ? undefined : await readTip(ctx, actor, tip);
  const atSec = nowSec(ctx);
  const event: AuditEvent = {
    ...report,
    format: 1,
    seq: (last?.event.seq ?? 0) + 1,
    at: new Date(atSec * 1000).toISOString().replace('.000Z', 'Z'),
    repository: actor.policy.repository,
    actor: personOf(actor.policy, actor.signer.key) ?? actor.identity.name,
    key: actor.signer.key,
    policy: { version: actor.policy.version, digest: actor.policyDigest },
  };
  const notes = await addNote(ctx, event, last?.commit.tree);
  const payload = encodeCommit({
    tree: notes.root,
    parent: tip ?? undefined,
    author: { ...actor.identity, atSec },
    message: encodeEventMessage(event),
  });
  const body = signCommit(payload, await actor.signer.sign(payload), store.format);
  await store.writeObjects([...notes.objects, { type: 'commit', body }]);
  return digest.objectName(store.format, 'commit', body);
}

/** The event that the next one will follow, and vouch for. */
async function readTip(ctx: Context, { policy, keys }: Actor, tip: Oid): Promise<LoggedEvent> {
  try {
    const last = parseLoggedEvent(await ctx.store.readObject(tip), ctx.store.format);
    await requireSignedEvent(ctx, last, { policy, keys: await keys() });
    return last;
  } catch (cause) {
    if (!(cause instanceof SnapshotError) || cause.kind !== 'untrusted') throw cause;
    throw new SnapshotError('untrusted', `the audit log ends in a commit that is no event of it: ${cause.message}`, {
      cause,
      hint: `Nothing was written. See "git log ${LOG_REF}"; set the ref back to the last good event once you know who moved it.`,
    });
  }
}

type NewObject = { readonly type: 'blob' | 'tree'; readonly body: ByteString };

/** Adds the event's line to the note of its object, in the notes tree of the event before it. */
async function addNote(
  ctx: Context,
  event: AuditEvent,
  previousTree: Oid | undefined,
): Promise<{ root: Oid; objects: NewObject[] }> {
  const { store, digest } = ctx;
  const place = notePlace(eventObject(event));
  const top = previousTree === undefined ? [] : await readItems(ctx, previousTree);
  const directory = top.find(({ name }) => name === place.directory);
  const notes = directory === undefined ? [] : await readItems(ctx, directory.oid);
  const old = notes.find(({ name }) => name === place.name);
  const text = (old === undefined ? '' : (await store.readObject(old.oid)).body) + noteLine(event);
  const blob = digest.objectName(store.format, 'blob', text);
  const subtree = withItem(notes, noteItem(place.name, blob, 'note'));
  const root = withItem(top, noteItem(place.directory, digest.objectName(store.format, 'tree', subtree), 'directory'));
  return {
    root: digest.objectName(store.format, 'tree', root),
    objects: [
      { type: 'blob', body: text },
      { type: 'tree', body: subtree },
      { type: 'tree', body: root },
    ],
  };
}

async function readItems(ctx: Context, tree: Oid): Promise<TreeItem[]> {
  const { body } = await ctx.store.readObject(tree);
  return parseTree(body, ctx.store.format, `notes tree ${tree}`);
}
