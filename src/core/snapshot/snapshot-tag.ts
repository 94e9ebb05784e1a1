import type { ByteString } from '../byte-string.ts';
import { hasUnsafeCharacters, percentDecode, percentEncode, quoteText, utf8Encode } from '../byte-string.ts';
import type { BytePath } from '../entry.ts';
import { MalformedError } from '../errors.ts';
import type { Person } from '../git/person.ts';
import type { ObjectFormat, Oid } from '../oid.ts';
import { isOid } from '../oid.ts';
import { refusePath } from '../paths.ts';
import { isName, isSnapshotId } from '../refs.ts';
import type { Label } from './label.ts';
import { isLabel, sortLabels } from './label.ts';
import { snapshotId } from './manifest.ts';
import { messageFault } from './message.ts';
import type { FileModes } from './modes.ts';
import { isExecutable } from './modes.ts';
import type { Trailer } from './signed-tag.ts';
import { encodeTagPayload, parseSignedTag } from './signed-tag.ts';
import { TrailerReader } from './trailer-reader.ts';

/** All that a snapshot's tag says. See docs/snapshot-format.md for the bytes. */
export interface SnapshotTag {
  readonly set: string;
  readonly id: string;
  readonly tree: Oid;
  readonly tagger: Person;
  readonly subject: string;
  readonly body: string | undefined;
  /** Repository id, 64 hexadecimal digits. */
  readonly repository: string;
  /** The set's directory, relative to the top level. */
  readonly path: BytePath;
  /** SHA-256 of the manifest. */
  readonly manifest: string;
  readonly files: number;
  readonly bytes: number;
  /** Payload SHA-256 of the set's snapshot before this one. */
  readonly previous: string | undefined;
  /** The commit that was checked out, if any, and whether tracked files differed from it. */
  readonly source: { readonly commit: Oid; readonly dirty: boolean } | undefined;
  readonly policy: { readonly version: number; readonly digest: string };
  /** Tip of the audit log when the snapshot was taken. */
  readonly audit: Oid | undefined;
  readonly labels: readonly Label[];
  readonly modes: FileModes;
  /** Where it was taken: `Context-<Name>`. */
  readonly context: readonly { readonly name: string; readonly value: string }[];
}

/** A snapshot's tag with what was signed and by which signature. */
export interface SignedSnapshotTag {
  readonly snapshot: SnapshotTag;
  readonly payload: ByteString;
  readonly armor: ByteString;
}

/** The bytes that are signed. */
export function encodeSnapshotPayload(snapshot: SnapshotTag): ByteString {
  return encodeTagPayload(
    {
      object: snapshot.tree,
      type: 'tree',
      name: `snapshots/${snapshot.set}/${snapshot.id}`,
      tagger: snapshot.tagger,
      subject: snapshot.subject,
      body: snapshot.body,
      trailers: encodeTrailers(snapshot),
    },
    utf8Encode,
  );
}

function encodeTrailers(snapshot: SnapshotTag): Trailer[] {
  const { policy, source, modes, labels, context } = snapshot;
  const trailers: Trailer[] = [
    { key: 'Snapshot-Format', value: '1' },
    { key: 'Repository', value: snapshot.repository },
    { key: 'Path', value: percentEncode(snapshot.path) },
    { key: 'Manifest', value: `sha256:${snapshot.manifest}` },
    { key: 'Files', value: String(snapshot.files) },
    { key: 'Bytes', value: String(snapshot.bytes) },
    { key: 'Previous', value: snapshot.previous === undefined ? 'none' : `sha256:${snapshot.previous}` },
    { key: 'Source', value: source === undefined ? 'none' : `${source.commit}${source.dirty ? ' dirty' : ''}` },
    { key: 'Policy', value: `${policy.version} sha256:${policy.digest}` },
    { key: 'Audit', value: snapshot.audit ?? 'none' },
    { key: 'Modes', value: `${octal(modes.plain)} ${octal(modes.executable)}` },
  ];
  // Loops, and no lists of lists: all that are verified at once are printed, and most have none of these.
  for (const { key, value } of labels) trailers.push({ key: 'Label', value: `${key}=${value}` });
  for (const { path, permissions } of modes.others)
    trailers.push({ key: 'Mode', value: `${octal(permissions)} ${percentEncode(path)}` });
  for (const { name, value } of context) trailers.push({ key: `Context-${name}`, value });
  return trailers;
}

/**
 * Parses a snapshot's tag. What is accepted prints back to the very same bytes.
 *
 * @param what - the ref or object, named in errors
 * @throws {MalformedError} with the first rule that is broken
 */
export function parseSnapshotTag(object: ByteString, format: ObjectFormat, what: string): SignedSnapshotTag {
  const { tag, payload, armor } = parseSignedTag(object, format, what);
  const fail = (reason: string): never => {
    throw new MalformedError(what, reason);
  };
  const [space, set = '', id = '', ...rest] = tag.name.split('/');
  if (space !== 'snapshots' || !isName(set) || !isSnapshotId(id) || rest.length > 0) {
    fail(`${quoteText(tag.name)} is not the name of a snapshot`);
  }
  if (tag.type !== 'tree') fail('the tag is not of a tree');
  const fault = messageFault({ subject: tag.subject, body: tag.body });
  if (fault !== undefined) fail(`the message ${fault}`);

  const trailers = new TrailerReader(tag.trailers, fail);
  if (trailers.next('Snapshot-Format') !== '1') fail('the format is not 1');
  const snapshot: SnapshotTag = {
    set,
    id,
    tree: tag.object,
    tagger: tag.tagger,
    subject: tag.subject,
    body: tag.body,
    repository: trailers.next('Repository', /^[0-9a-f]{64}$/),
    path: parsePath(trailers.next('Path')) ?? fail("the trailer 'Path' is malformed"),
    manifest: trailers.next('Manifest', /^sha256:[0-9a-f]{64}$/).slice(7),
    files: trailers.number('Files'),
    bytes: trailers.number('Bytes'),
    previous: optional(trailers.next('Previous', /^(none|sha256:[0-9a-f]{64})$/))?.slice(7),
    source: parseSource(trailers.next('Source'), format, fail),
    policy: parsePolicy(trailers.next('Policy', /^[1-9][0-9]{0,8} sha256:[0-9a-f]{64}$/)),
    audit: parseAudit(trailers.next('Audit'), format, fail),
    ...parseModesAndLabels(trailers, fail),
    context: parseContext(trailers, fail),
  };
  trailers.end();
  if (id !== snapshotId(snapshot.tagger.atSec, snapshot.manifest)) fail('the id is not of this time and manifest');
  if (encodeSnapshotPayload(snapshot) !== payload) fail('the tag is not in canonical form');
  return { snapshot, payload, armor };
}

/** A path in its one spelling, if it may be in a snapshot. */
function parsePath(value: string): BytePath | undefined {
  const path = percentDecode(value);
  return path === undefined || refusePath(path) !== undefined ? undefined : path;
}

function optional(value: string): string | undefined {
  return value === 'none' ? undefined : value;
}

function parseSource(value: string, format: ObjectFormat, fail: (reason: string) => never): SnapshotTag['source'] {
  if (value === 'none') return undefined;
  const [commit = '', dirty, ...rest] = value.split(' ');
  if (!isOid(commit, format) || (dirty !== undefined && dirty !== 'dirty') || rest.length > 0) {
    return fail("the trailer 'Source' is malformed");
  }
  return { commit, dirty: dirty === 'dirty' };
}

function parsePolicy(value: string): SnapshotTag['policy'] {
  const [version = '', digest = ''] = value.split(' sha256:');
  return { version: Number(version), digest };
}

function parseAudit(value: string, format: ObjectFormat, fail: (reason: string) => never): Oid | undefined {
  if (value === 'none') return undefined;
  return isOid(value, format) ? value : fail("the trailer 'Audit' is malformed");
}

function parseModesAndLabels(
  trailers: TrailerReader,
  fail: (reason: string) => never,
): Pick<SnapshotTag, 'labels' | 'modes'> {
  const usual = trailers.next('Modes', /^[0-7]{3} [0-7]{3}$/);
  const plain = parseOctal(usual.slice(0, 3));
  const executable = parseOctal(usual.slice(4));
  if (isExecutable(plain) || !isExecutable(executable)) fail("the trailer 'Modes' is malformed");
  const labels = parseLabels(trailers, fail);
  return { labels, modes: { plain, executable, others: parseOtherModes(trailers, { plain, executable }, fail) } };
}

function parseLabels(trailers: TrailerReader, fail: (reason: string) => never): Label[] {
  const found = trailers.while(({ key }) => key === 'Label');
  if (found.length === 0) return [];
  const labels = found.map(({ value }) => {
    const equals = value.indexOf('=');
    return { key: value.slice(0, equals), value: value.slice(equals + 1) };
  });
  const sorted = sortLabels(labels);
  if (!labels.every(isLabel) || sorted.length !== labels.length || sorted.some((label, i) => labels[i] !== label)) {
    fail('the labels are malformed or out of order');
  }
  return labels;
}

function parseOtherModes(
  trailers: TrailerReader,
  { plain, executable }: Omit<FileModes, 'others'>,
  fail: (reason: string) => never,
): FileModes['others'] {
  const found = trailers.while(({ key }) => key === 'Mode');
  if (found.length === 0) return [];
  const others = found.map(({ value }) => {
    const path = parsePath(value.slice(4));
    if (!/^[0-7]{3} /.test(value) || path === undefined) return fail("a trailer 'Mode' is malformed");
    const bits = parseOctal(value.slice(0, 3));
    if (bits === (isExecutable(bits) ? executable : plain)) return fail("a trailer 'Mode' says nothing new");
    return { path, permissions: bits };
  });
  if (others.some(({ path }, i) => i > 0 && path <= (others[i - 1]?.path ?? '')))
    fail("the trailers 'Mode' are out of order");
  return others;
}

function parseContext(trailers: TrailerReader, fail: (reason: string) => never): SnapshotTag['context'] {
  const found = trailers.while(({ key }) => key.startsWith('Context-'));
  if (found.length === 0) return [];
  const seen = new Set<string>();
  return found.map(({ key, value }) => {
    const name = key.slice('Context-'.length);
    if (!isContext({ name, value }) || seen.has(name)) return fail(`the trailer ${quoteText(key)} is malformed`);
    seen.add(name);
    return { name, value };
  });
}

/** Whether this can be a `Context-` trailer. */
export function isContext({ name, value }: { name: string; value: string }): boolean {
  return (
    /^[A-Z][A-Za-z0-9-]{0,40}$/.test(name) &&
    value !== '' &&
    value.length <= 500 &&
    value === value.trim() &&
    value.isWellFormed() &&
    !hasUnsafeCharacters(value)
  );
}

function octal(bits: number): string {
  return bits.toString(8).padStart(3, '0');
}

function parseOctal(text: string): number {
  return Number.parseInt(text, 8);
}
