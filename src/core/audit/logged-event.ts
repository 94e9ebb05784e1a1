import type { ByteString } from '../byte-string.ts';
import { utf8Decode } from '../byte-string.ts';
import { MalformedError } from '../errors.ts';
import type { Commit } from '../git/commit.ts';
import { parseSignedCommit } from '../git/commit.ts';
import type { ObjectFormat, Oid } from '../oid.ts';
import type { GitObject } from '../ports.ts';
import type { AuditEvent } from './event.ts';
import { parseEventMessage } from './event.ts';

/** An event where it stands in the log, well-formed. */
export interface LoggedEvent {
  readonly oid: Oid;
  readonly commit: Pick<Commit, 'tree' | 'parent'>;
  readonly event: AuditEvent;
}

/** An event with what was signed, and by which signature. */
export interface SignedEvent extends LoggedEvent {
  readonly payload: ByteString;
  readonly armor: ByteString;
}

/** @throws {MalformedError} unless the object is a signed commit whose message is an event */
export function parseLoggedEvent({ oid, type, body }: GitObject, format: ObjectFormat): SignedEvent {
  const what = `event ${oid}`;
  if (type !== 'commit') throw new MalformedError(what, `is a ${type}, not a commit`);
  const { commit, payload, armor } = parseSignedCommit(body, format, what);
  const message = utf8Decode(commit.message);
  if (message === undefined) throw new MalformedError(what, 'the message is not UTF-8');
  return { oid, commit, event: parseEventMessage(message, what), payload, armor };
}

/** Reads an event that {@link parseLoggedEvent} took before: a commit of the same name has the same bytes, so nothing is checked. */
export function readKnownEvent({ oid, body }: GitObject): LoggedEvent {
  const [treeLine = '', parentLine = ''] = body.slice(0, body.indexOf('\nauthor ')).split('\n');
  const json = body.slice(body.lastIndexOf('\n\n') + 2, -1);
  return {
    oid,
    commit: {
      tree: treeLine.slice('tree '.length) as Oid,
      parent: parentLine === '' ? undefined : (parentLine.slice('parent '.length) as Oid),
    },
    event: JSON.parse(utf8Decode(json) ?? '') as AuditEvent,
  };
}
