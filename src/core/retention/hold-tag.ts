import type { ByteString } from '../byte-string.ts';
import { quoteText, utf8Encode } from '../byte-string.ts';
import { MalformedError } from '../errors.ts';
import type { Person } from '../git/person.ts';
import type { ObjectFormat, Oid } from '../oid.ts';
import { POLICY_TRAILER, parseOid, parsePolicyTrailer } from '../promotion/promotion-tag.ts';
import { isName, isSnapshotId } from '../refs.ts';
import { messageFault } from '../snapshot/message.ts';
import { encodeTagPayload, parseSignedTag } from '../snapshot/signed-tag.ts';
import { TrailerReader } from '../snapshot/trailer-reader.ts';

/** All that a hold's tag says: "this snapshot may not be removed, for this case". */
export interface HoldTag {
  readonly set: string;
  readonly id: string;
  readonly case: string;
  /** The snapshot's tag. */
  readonly object: Oid;
  readonly tagger: Person;
  /** Why. */
  readonly subject: string;
  readonly body: string | undefined;
  readonly repository: string;
  /** SHA-256 of the snapshot's payload. */
  readonly snapshot: string;
  /** When it runs out, as the event says it; undefined: never. */
  readonly until: string | undefined;
  readonly policy: { readonly version: number; readonly digest: string };
  readonly audit: Oid;
}

/** A hold's tag with what was signed and by which signature. */
export interface SignedHoldTag {
  readonly hold: HoldTag;
  readonly payload: ByteString;
  readonly armor: ByteString;
}

/** The bytes that are signed. */
export function encodeHoldPayload(hold: HoldTag): ByteString {
  const { set, id, object, tagger, subject, body, policy } = hold;
  return encodeTagPayload(
    {
      object,
      type: 'tag',
      name: `holds/${set}/${id}/${hold.case}`,
      tagger,
      subject,
      body,
      trailers: [
        { key: 'Hold-Format', value: '1' },
        { key: 'Repository', value: hold.repository },
        { key: 'Snapshot', value: `sha256:${hold.snapshot}` },
        { key: 'Until', value: hold.until ?? 'none' },
        { key: 'Policy', value: `${policy.version} sha256:${policy.digest}` },
        { key: 'Audit', value: hold.audit },
      ],
    },
    utf8Encode,
  );
}

/**
 * Parses a hold's tag. What is accepted prints back to the very same bytes.
 *
 * @throws {MalformedError} with the first rule that is broken
 */
export function parseHoldTag(object: ByteString, format: ObjectFormat, what: string): SignedHoldTag {
  const { tag, payload, armor } = parseSignedTag(object, format, what);
  const fail = (reason: string): never => {
    throw new MalformedError(what, reason);
  };
  const [space, set = '', id = '', name = '', ...rest] = tag.name.split('/');
  const isNamed = space === 'holds' && isName(set) && isSnapshotId(id) && isName(name);
  if (!isNamed || rest.length > 0) fail(`${quoteText(tag.name)} is not the name of a hold`);
  if (tag.type !== 'tag') fail('the tag is not of a tag');
  const fault = messageFault({ subject: tag.subject, body: tag.body });
  if (fault !== undefined) fail(`the message ${fault}`);
  const trailers = new TrailerReader(tag.trailers, fail);
  if (trailers.next('Hold-Format') !== '1') fail('the format is not 1');
  const repository = trailers.next('Repository', /^[0-9a-f]{64}$/);
  const snapshot = trailers.next('Snapshot', /^sha256:[0-9a-f]{64}$/).slice('sha256:'.length);
  const until = trailers.next('Until', /^(?:none|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)$/);
  const hold: HoldTag = {
    set,
    id,
    case: name,
    object: tag.object,
    tagger: tag.tagger,
    subject: tag.subject,
    body: tag.body,
    repository,
    snapshot,
    until: until === 'none' ? undefined : until,
    policy: parsePolicyTrailer(trailers.next('Policy', POLICY_TRAILER)),
    audit: parseOid(trailers.next('Audit'), format, fail),
  };
  trailers.end();
  if (encodeHoldPayload(hold) !== payload) fail('the tag is not in canonical form');
  return { hold, payload, armor };
}
