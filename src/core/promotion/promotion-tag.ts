import type { ByteString } from '../byte-string.ts';
import { quoteText, utf8Encode } from '../byte-string.ts';
import { MalformedError } from '../errors.ts';
import type { Person } from '../git/person.ts';
import type { ObjectFormat, Oid } from '../oid.ts';
import { isOid } from '../oid.ts';
import { isName, isSnapshotId } from '../refs.ts';
import { messageFault } from '../snapshot/message.ts';
import type { Trailer } from '../snapshot/signed-tag.ts';
import { encodeTagPayload, parseSignedTag } from '../snapshot/signed-tag.ts';
import { TrailerReader } from '../snapshot/trailer-reader.ts';

/** What a gate said when something was promoted. */
interface GateRecord {
  readonly name: string;
  readonly verdict: 'pass' | 'fail' | 'error';
  /** `sha256:` over what the gate looked at: its configuration and its inputs. */
  readonly evidence: string;
  readonly durationMs: number;
}

/** All that a promotion's tag says: "this snapshot, in this environment, as number n". */
export interface PromotionTag {
  readonly set: string;
  readonly environment: string;
  /** 1, 2, 3 … */
  readonly number: number;
  /** The snapshot's tag. */
  readonly object: Oid;
  readonly tagger: Person;
  /** Why. */
  readonly subject: string;
  readonly body: string | undefined;
  readonly repository: string;
  readonly action: 'promote' | 'rollback';
  readonly snapshot: string;
  /** SHA-256 of the snapshot's payload, and of its manifest. */
  readonly payload: string;
  readonly manifest: string;
  /** Number of the promotion that was live, or undefined. */
  readonly live: number | undefined;
  readonly policy: { readonly version: number; readonly digest: string };
  readonly audit: Oid;
  readonly gates: readonly GateRecord[];
  /** Freeze windows that it was made in: a rollback, or past every rule. */
  readonly frozen: readonly string[];
  /** Made past the rules, as the policy allows. */
  readonly breakGlass: boolean;
}

/** A promotion's tag with what was signed and by which signature. */
export interface SignedPromotionTag {
  readonly promotion: PromotionTag;
  readonly payload: ByteString;
  readonly armor: ByteString;
}

/** The bytes that are signed. */
export function encodePromotionPayload(promotion: PromotionTag): ByteString {
  const { set, environment, number, object, tagger, subject, body } = promotion;
  return encodeTagPayload(
    {
      object,
      type: 'tag',
      name: `promotions/${set}/${environment}/${number}`,
      tagger,
      subject,
      body,
      trailers: encodeTrailers(promotion),
    },
    utf8Encode,
  );
}

function encodeTrailers(promotion: PromotionTag): Trailer[] {
  const { policy, live } = promotion;
  const trailer = (key: string, value: string): Trailer => ({ key, value });
  return [
    trailer('Promotion-Format', '1'),
    trailer('Repository', promotion.repository),
    trailer('Action', promotion.action),
    trailer('Snapshot', promotion.snapshot),
    trailer('Payload', `sha256:${promotion.payload}`),
    trailer('Manifest', `sha256:${promotion.manifest}`),
    trailer('Live', live === undefined ? 'none' : String(live)),
    trailer('Policy', `${policy.version} sha256:${policy.digest}`),
    trailer('Audit', promotion.audit),
    ...promotion.gates.map(({ name, verdict, evidence, durationMs }) =>
      trailer('Gate', `${name} ${verdict} ${evidence} ${durationMs}ms`),
    ),
    ...promotion.frozen.map((name) => trailer('Frozen', name)),
    ...(promotion.breakGlass ? [trailer('Break-Glass', 'yes')] : []),
  ];
}

/**
 * Parses a promotion's tag. What is accepted prints back to the very same bytes.
 *
 * @param what - the ref or object, named in errors
 * @throws {MalformedError} with the first rule that is broken
 */
export function parsePromotionTag(object: ByteString, format: ObjectFormat, what: string): SignedPromotionTag {
  const { tag, payload, armor } = parseSignedTag(object, format, what);
  const fail = (reason: string): never => {
    throw new MalformedError(what, reason);
  };
  const [space, set = '', environment = '', number = '', ...rest] = tag.name.split('/');
  const isNamed = space === 'promotions' && isName(set) && isName(environment) && /^[1-9][0-9]{0,8}$/.test(number);
  if (!isNamed || rest.length > 0) fail(`${quoteText(tag.name)} is not the name of a promotion`);
  if (tag.type !== 'tag') fail('the tag is not of a tag');
  const fault = messageFault({ subject: tag.subject, body: tag.body });
  if (fault !== undefined) fail(`the message ${fault}`);

  const trailers = new TrailerReader(tag.trailers, fail);
  if (trailers.next('Promotion-Format') !== '1') fail('the format is not 1');
  const promotion: PromotionTag = {
    set,
    environment,
    number: Number(number),
    object: tag.object,
    tagger: tag.tagger,
    subject: tag.subject,
    body: tag.body,
    repository: trailers.next('Repository', /^[0-9a-f]{64}$/),
    action: trailers.next('Action', /^(?:promote|rollback)$/) as PromotionTag['action'],
    snapshot: snapshotId(trailers.next('Snapshot'), fail),
    payload: trailers.next('Payload', /^sha256:[0-9a-f]{64}$/).slice(7),
    manifest: trailers.next('Manifest', /^sha256:[0-9a-f]{64}$/).slice(7),
    live: liveNumber(trailers.next('Live', /^(?:none|[1-9][0-9]{0,8})$/)),
    policy: parsePolicyTrailer(trailers.next('Policy', POLICY_TRAILER)),
    audit: parseOid(trailers.next('Audit'), format, fail),
    gates: trailers.while(({ key }) => key === 'Gate').map(({ value }) => parseGate(value, fail)),
    frozen: trailers.while(({ key }) => key === 'Frozen').map(({ value }) => value),
    breakGlass: trailers.while(({ key, value }) => key === 'Break-Glass' && value === 'yes').length === 1,
  };
  trailers.end();
  if (encodePromotionPayload(promotion) !== payload) fail('the tag is not in canonical form');
  return { promotion, payload, armor };
}

/** The value of the trailer `Policy`. */
export const POLICY_TRAILER = /^[1-9][0-9]{0,8} sha256:[0-9a-f]{64}$/;

/** Reads the trailer `Policy`. */
export function parsePolicyTrailer(value: string): { version: number; digest: string } {
  const [version = '', digest = ''] = value.split(' sha256:');
  return { version: Number(version), digest };
}

/** Reads a trailer that names an object. */
export function parseOid(value: string, format: ObjectFormat, fail: (reason: string) => never): Oid {
  return isOid(value, format) ? value : fail(`${quoteText(value)} does not name an object`);
}

function snapshotId(value: string, fail: (reason: string) => never): string {
  return isSnapshotId(value) ? value : fail("the trailer 'Snapshot' is malformed");
}

function liveNumber(value: string): number | undefined {
  return value === 'none' ? undefined : Number(value);
}

function parseGate(value: string, fail: (reason: string) => never): GateRecord {
  const [, name, verdict, evidence, duration] =
    /^([a-z0-9._-]+) (pass|fail|error) (sha256:[0-9a-f]{64}) (0|[1-9][0-9]{0,9})ms$/.exec(value) ?? [];
  if (name === undefined || evidence === undefined || !isName(name)) return fail("a trailer 'Gate' is malformed");
  return { name, verdict: verdict as GateRecord['verdict'], evidence, durationMs: Number(duration) };
}
