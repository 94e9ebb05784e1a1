import type { ByteString } from '../byte-string.ts';
import { quoteText, utf8Encode } from '../byte-string.ts';
import { MalformedError } from '../errors.ts';
import type { Person } from '../git/person.ts';
import type { ObjectFormat, Oid } from '../oid.ts';
import { isName } from '../refs.ts';
import { messageFault } from '../snapshot/message.ts';
import { encodeTagPayload, parseSignedTag } from '../snapshot/signed-tag.ts';
import { TrailerReader } from '../snapshot/trailer-reader.ts';
import { POLICY_TRAILER, parseOid, parsePolicyTrailer } from './promotion-tag.ts';

/** What a reviewer says of a promotion. `withdraw` takes back what the same person said before. */
export type Decision = 'approve' | 'reject' | 'withdraw';

/** All that an approval's tag says. */
export interface ApprovalTag {
  readonly set: string;
  readonly environment: string;
  readonly number: number;
  /** First 16 digits of the signer's fingerprint, in lower case. */
  readonly key16: string;
  /** The promotion's tag. */
  readonly object: Oid;
  readonly tagger: Person;
  readonly subject: string;
  readonly body: string | undefined;
  readonly repository: string;
  readonly decision: Decision;
  /** SHA-256 of the promotion's payload. */
  readonly promotion: string;
  readonly policy: { readonly version: number; readonly digest: string };
  readonly audit: Oid;
}

/** An approval's tag with what was signed and by which signature. */
export interface SignedApprovalTag {
  readonly approval: ApprovalTag;
  readonly payload: ByteString;
  readonly armor: ByteString;
}

/** The bytes that are signed. */
export function encodeApprovalPayload(approval: ApprovalTag): ByteString {
  const { set, environment, number, key16, object, tagger, subject, body, policy } = approval;
  return encodeTagPayload(
    {
      object,
      type: 'tag',
      name: `approvals/${set}/${environment}/${number}/${key16}`,
      tagger,
      subject,
      body,
      trailers: [
        { key: 'Approval-Format', value: '1' },
        { key: 'Repository', value: approval.repository },
        { key: 'Decision', value: approval.decision },
        { key: 'Promotion', value: `sha256:${approval.promotion}` },
        { key: 'Policy', value: `${policy.version} sha256:${policy.digest}` },
        { key: 'Audit', value: approval.audit },
      ],
    },
    utf8Encode,
  );
}

/**
 * Parses an approval's tag. What is accepted prints back to the very same bytes.
 *
 * @throws {MalformedError} with the first rule that is broken
 */
export function parseApprovalTag(object: ByteString, format: ObjectFormat, what: string): SignedApprovalTag {
  const { tag, payload, armor } = parseSignedTag(object, format, what);
  const fail = (reason: string): never => {
    throw new MalformedError(what, reason);
  };
  const [space, set = '', environment = '', number = '', key16 = '', ...rest] = tag.name.split('/');
  const isNamed =
    space === 'approvals' &&
    isName(set) &&
    isName(environment) &&
    /^[1-9][0-9]{0,8}$/.test(number) &&
    /^[0-9a-f]{16}$/.test(key16);
  if (!isNamed || rest.length > 0) fail(`${quoteText(tag.name)} is not the name of an approval`);
  if (tag.type !== 'tag') fail('the tag is not of a tag');
  const fault = messageFault({ subject: tag.subject, body: tag.body });
  if (fault !== undefined) fail(`the message ${fault}`);
  const trailers = new TrailerReader(tag.trailers, fail);
  if (trailers.next('Approval-Format') !== '1') fail('the format is not 1');
  const approval: ApprovalTag = {
    set,
    environment,
    number: Number(number),
    key16,
    object: tag.object,
    tagger: tag.tagger,
    subject: tag.subject,
    body: tag.body,
    repository: trailers.next('Repository', /^[0-9a-f]{64}$/),
    decision: trailers.next('Decision', /^(?:approve|reject|withdraw)$/) as Decision,
    promotion: trailers.next('Promotion', /^sha256:[0-9a-f]{64}$/).slice(7),
    policy: parsePolicyTrailer(trailers.next('Policy', POLICY_TRAILER)),
    audit: parseOid(trailers.next('Audit'), format, fail),
  };
  trailers.end();
  if (encodeApprovalPayload(approval) !== payload) fail('the tag is not in canonical form');
  return { approval, payload, armor };
}
