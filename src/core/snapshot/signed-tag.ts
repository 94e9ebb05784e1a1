import type { ByteString } from '../byte-string.ts';
import { quoteText, utf8Decode } from '../byte-string.ts';
import { MalformedError } from '../errors.ts';
import type { Person } from '../git/person.ts';
import { encodePerson, parsePerson } from '../git/person.ts';
import type { ObjectFormat, Oid } from '../oid.ts';
import { isOid } from '../oid.ts';

/** A trailer: `Key: value`, one line. */
export interface Trailer {
  readonly key: string;
  readonly value: string;
}

/**
 * The parts of an annotated tag as this program writes them: a subject, perhaps a body, and trailers.
 * Snapshot, promotion, approval and hold tags all have this shape.
 */
export interface TagPayload {
  readonly object: Oid;
  readonly type: 'tree' | 'tag';
  /** The ref's name without `refs/`. */
  readonly name: string;
  readonly tagger: Person;
  readonly subject: string;
  readonly body: string | undefined;
  readonly trailers: readonly Trailer[];
}

/** A tag taken apart: what was signed, and the signature. */
export interface SignedTag {
  readonly tag: TagPayload;
  readonly payload: ByteString;
  readonly armor: ByteString;
}

/** The bytes that are signed. `utf8` encodes text; everything here is valid Unicode, checked by the caller. */
export function encodeTagPayload(tag: TagPayload, utf8: (text: string) => ByteString): ByteString {
  let message = `${tag.subject}\n\n`;
  if (tag.body !== undefined) message += `${tag.body}\n\n`;
  for (const { key, value } of tag.trailers) message += `${key}: ${value}\n`;
  const headers = `object ${tag.object}\ntype ${tag.type}\ntag ${tag.name}\ntagger ${encodePerson(tag.tagger)}\n\n`;
  return headers + utf8(message);
}

/** Longest armor. The longest real ones, of RSA keys with 16384 bits, have some 3000 bytes. */
const MAX_ARMOR_BYTES = 64 * 1024;

/**
 * Splits a tag object into payload and signature, and the payload into its parts.
 *
 * It accepts more than {@link encodeTagPayload} writes: the caller prints what it understood and compares.
 *
 * @throws {MalformedError} for anything that cannot be a signed tag of ours
 */
export function parseSignedTag(body: ByteString, format: ObjectFormat, what: string): SignedTag {
  const fail = (reason: string): never => {
    throw new MalformedError(what, reason);
  };
  const start = body.search(/^-----BEGIN (?:PGP|SSH) SIGNATURE-----$/m);
  if (start <= 0) fail('the tag is not signed');
  const payload = body.slice(0, start);
  const armor = body.slice(start);
  if (/^-----BEGIN /m.test(armor.slice(1))) fail('the tag has more than one signature');
  if (armor.length > MAX_ARMOR_BYTES) fail('the signature is too long');
  const end = armor.indexOf('\n-----END ');
  if (!/^\n-----END (?:PGP|SSH) SIGNATURE-----\n$/.test(armor.slice(end)))
    fail('the signature is not the last thing in the tag');
  if (armor.slice(11, 14) !== armor.slice(end + 10, end + 13) || /[^\x20-\x7e\n]/.test(armor))
    fail('the signature is malformed');
  const text = utf8Decode(payload) ?? fail('the tag is not UTF-8');
  const headersEnd = text.indexOf('\n\n');
  const [objectLine = '', typeLine = '', nameLine = '', taggerLine = '', ...more] = text
    .slice(0, headersEnd)
    .split('\n');
  if (headersEnd < 0 || more.length > 0) fail('the tag has headers that are not allowed');
  const object = objectLine.slice('object '.length);
  const type = typeLine.slice('type '.length);
  const tagger = parsePerson(taggerLine.slice('tagger '.length));
  if (!isOid(object, format)) return fail(`'${objectLine.slice(0, 80)}' does not name an object`);
  if (type !== 'tree' && type !== 'tag') return fail(`the tag is of a ${quoteText(type)}`);
  if (tagger === undefined) return fail('the tagger line is malformed');

  const message = text.slice(headersEnd + 2);
  const subjectEnd = message.indexOf('\n\n');
  const trailersStart = message.lastIndexOf('\n\n');
  if (subjectEnd < 0) fail('the tag has no trailers');
  return {
    tag: {
      object,
      type,
      name: nameLine.slice('tag '.length),
      tagger,
      subject: message.slice(0, subjectEnd),
      body: trailersStart > subjectEnd ? message.slice(subjectEnd + 2, trailersStart) : undefined,
      trailers: parseTrailers(message.slice(trailersStart + 2), fail),
    },
    payload,
    armor,
  };
}

function parseTrailers(block: string, fail: (reason: string) => never): Trailer[] {
  if (!block.endsWith('\n')) fail('the tag does not end in a line feed before its signature');
  const trailers: Trailer[] = [];
  for (const line of block.slice(0, -1).split('\n')) {
    const colon = line.indexOf(': ');
    if (colon <= 0) fail(`${quoteText(line)} is not a trailer`);
    trailers.push({ key: line.slice(0, colon), value: line.slice(colon + 2) });
  }
  return trailers;
}
