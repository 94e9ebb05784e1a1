import type { ByteString } from '../byte-string.ts';
import { utf8Decode } from '../byte-string.ts';
import { MalformedError } from '../errors.ts';
import type { ObjectFormat, Oid } from '../oid.ts';
import { isOid } from '../oid.ts';
import type { Person } from './person.ts';
import { encodePerson, parsePerson } from './person.ts';

/** A commit of ours: one parent at the most, author and committer the same, a message that ends in a line feed. */
export interface Commit {
  readonly tree: Oid;
  readonly parent: Oid | undefined;
  readonly author: Person;
  readonly message: ByteString;
}

/** A commit with the bytes that were signed and the signature over them. */
export interface SignedCommit {
  readonly commit: Commit;
  readonly payload: ByteString;
  readonly armor: ByteString;
}

/** The bytes that are signed: the commit without its signature header. */
export function encodeCommit({ tree, parent, author, message }: Commit): ByteString {
  const person = encodePerson(author);
  const parentLine = parent === undefined ? '' : `parent ${parent}\n`;
  return `tree ${tree}\n${parentLine}author ${person}\ncommitter ${person}\n\n${message}`;
}

/** Puts the signature where git looks for it: in a header, its further lines indented by a space. */
export function signCommit(payload: ByteString, armor: ByteString, format: ObjectFormat): ByteString {
  const headersEnd = payload.indexOf('\n\n') + 1;
  const value = armor.replace(/\n$/, '').replaceAll('\n', '\n ');
  return `${payload.slice(0, headersEnd)}${signatureHeader(format)} ${value}\n${payload.slice(headersEnd)}`;
}

/**
 * Parses a signed commit, accepting only what {@link encodeCommit} and {@link signCommit} write.
 *
 * @throws {MalformedError} for anything else
 */
export function parseSignedCommit(body: ByteString, format: ObjectFormat, what: string): SignedCommit {
  const header = `\n${signatureHeader(format)} `;
  const headersEnd = body.indexOf('\n\n') + 1;
  const start = body.indexOf(header);
  if (headersEnd === 0 || start < 0 || start >= headersEnd) throw new MalformedError(what, 'the commit is not signed');
  const armor = `${body.slice(start + header.length, headersEnd - 1).replaceAll('\n ', '\n')}\n`;
  const payload = body.slice(0, start + 1) + body.slice(headersEnd);
  const commit = parsePayload(payload, format, what);
  if (encodeCommit(commit) !== payload || signCommit(payload, armor, format) !== body) {
    throw new MalformedError(what, 'the commit is not in canonical form');
  }
  return { commit, payload, armor };
}

/** Parses an unsigned commit that {@link encodeCommit} wrote. @throws {MalformedError} for anything else */
export function parseCommit(body: ByteString, format: ObjectFormat, what: string): Commit {
  const commit = parsePayload(body, format, what);
  if (encodeCommit(commit) !== body) throw new MalformedError(what, 'the commit is not in canonical form');
  return commit;
}

function parsePayload(payload: ByteString, format: ObjectFormat, what: string): Commit {
  const end = payload.indexOf('\n\n');
  const lines = payload.slice(0, end).split('\n');
  const tree = lines.shift()?.match(/^tree ([0-9a-f]+)$/)?.[1] ?? '';
  const parent = lines[0]?.match(/^parent ([0-9a-f]+)$/)?.[1];
  if (parent !== undefined) lines.shift();
  const author = parsePerson(utf8Decode(lines[0] ?? '')?.replace(/^author /, '') ?? '');
  if (
    !isOid(tree, format) ||
    (parent !== undefined && !isOid(parent, format)) ||
    author === undefined ||
    lines.length !== 2
  ) {
    throw new MalformedError(what, 'the commit has headers that are not allowed');
  }
  return { tree, parent, author, message: payload.slice(end + 2) };
}

function signatureHeader(format: ObjectFormat): string {
  return format.name === 'sha1' ? 'gpgsig' : 'gpgsig-sha256';
}
