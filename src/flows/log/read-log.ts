import type { AuditEvent } from '../../core/audit/event.ts';
import { parseEventMessage } from '../../core/audit/event.ts';
import type { ByteString } from '../../core/byte-string.ts';
import { utf8Decode } from '../../core/byte-string.ts';
import { MalformedError } from '../../core/errors.ts';
import type { Commit } from '../../core/git/commit.ts';
import { parseSignedCommit } from '../../core/git/commit.ts';
import type { ObjectFormat, Oid } from '../../core/oid.ts';
import type { GitObject } from '../../core/ports.ts';
import { LOG_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';

/** An event where it stands in the log, well-formed; its signature is still to be checked. */
export interface LoggedEvent {
  readonly oid: Oid;
  readonly commit: Commit;
  readonly event: AuditEvent;
  readonly payload: ByteString;
  readonly armor: ByteString;
}

/** A commit on the log's ref that is no event, or not one that may stand there. */
interface LogFinding {
  readonly commit: Oid;
  readonly reason: string;
}

/** The audit log as it stands in the repository. */
export interface Log {
  readonly tip: Oid | null;
  /** Oldest first. */
  readonly events: readonly LoggedEvent[];
  readonly findings: readonly LogFinding[];
}

/**
 * Reads the audit log, oldest event first, and checks what can be seen without keys: that each commit is a
 * well-formed event, follows the one before it, and counts on from it.
 */
export async function readLog(ctx: Pick<Context, 'store'>): Promise<Log> {
  const tip = await ctx.store.readRef(LOG_REF);
  if (tip === null) return { tip, events: [], findings: [] };
  const objects = await ctx.store.readObjects(await ctx.store.listChain(tip));
  const events: LoggedEvent[] = [];
  const findings: LogFinding[] = [];
  for (const [i, object] of objects.entries()) {
    try {
      const logged = parseLoggedEvent(object, ctx.store.format);
      if (logged.commit.parent !== objects[i - 1]?.oid)
        throw new MalformedError(`event ${object.oid}`, 'does not follow the one before it');
      if (logged.event.seq !== i + 1)
        throw new MalformedError(`event ${object.oid}`, `is number ${logged.event.seq} in place ${i + 1}`);
      events.push(logged);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      findings.push({ commit: object.oid, reason: error.message });
    }
  }
  return { tip, events, findings };
}

/** @throws {MalformedError} unless the object is a signed commit whose message is an event */
export function parseLoggedEvent({ oid, type, body }: GitObject, format: ObjectFormat): LoggedEvent {
  const what = `event ${oid}`;
  if (type !== 'commit') throw new MalformedError(what, `is a ${type}, not a commit`);
  const { commit, payload, armor } = parseSignedCommit(body, format, what);
  const message = utf8Decode(commit.message);
  if (message === undefined) throw new MalformedError(what, 'the message is not UTF-8');
  return { oid, commit, event: parseEventMessage(message, what), payload, armor };
}
