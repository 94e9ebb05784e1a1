import { hash } from 'node:crypto';
import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectFormat, Oid } from '../../core/oid.ts';
import type { BlobDigest } from '../../core/ports.ts';
import type { PackFiles } from './pack-files.ts';
import { LARGE_BYTES, PACK_TYPES, parseEntryHeader } from './pack-format.ts';
import { inflate, type LocatedBlob, readPackedBlobs } from './packed-blobs.ts';

/** Hash blobs of one pack. Columns and joined strings, since those cross to a thread fastest. */
export interface DigestTask {
  readonly kind: 'digest';
  /** Path of the pack. */
  readonly pack: ByteString;
  /** Their names, one after the other. Best in the order in which they lie. */
  readonly oids: string;
  readonly offsets: Float64Array;
  /** Of header and deflated data. */
  readonly lengths: Float64Array;
}

/** All by the blob's place in the task. */
export interface BlobDigests {
  readonly kind: 'digest';
  /** 64 digits each, or as many spaces where git has to be asked: a delta, no blob, or not readable here. */
  readonly sha256s: string;
  /** In bytes. */
  readonly sizes: Float64Array;
}

const SHA256_LENGTH = 64;
const NOT_READ = ' '.repeat(SHA256_LENGTH);
// Of a header: 4 bits and then 7 a byte are enough for any size.
const MAX_HEADER_BYTES = 32;
// More is hashed in pieces: to copy it would take longer than a second call.
const MAX_ONE_SHOT_BYTES = 32 * 1024;
const named = Buffer.alloc(MAX_ONE_SHOT_BYTES + MAX_HEADER_BYTES);

/** Does a task. Each blob is checked against its name. */
export async function hashPackedBlobs(
  { pack, oids, offsets, lengths }: DigestTask,
  tools: { format: ObjectFormat; packFiles: PackFiles },
): Promise<BlobDigests> {
  const { hexLength } = tools.format;
  const sha256s: string[] = [];
  const sizes = new Float64Array(offsets.length);
  for (const [i, offset] of offsets.entries()) {
    const oid = oids.slice(i * hexLength, (i + 1) * hexLength) as Oid;
    const digest = await hashOne({ oid, entry: { pack, offset, length: lengths[i] ?? 0 } }, tools);
    sha256s.push(digest?.sha256 ?? NOT_READ);
    sizes[i] = digest?.size ?? 0;
  }
  return { kind: 'digest', sha256s: sha256s.join(''), sizes };
}

function hashOne(
  blob: LocatedBlob,
  tools: { format: ObjectFormat; packFiles: PackFiles },
): Promise<BlobDigest | undefined> | BlobDigest | undefined {
  const { pack, offset, length } = blob.entry;
  const head = tools.packFiles.read(pack, { offset, length: Math.min(length, MAX_HEADER_BYTES) });
  const header = head === undefined ? undefined : parseEntryHeader(head);
  if (header?.typeCode !== PACK_TYPES.blob) return undefined;
  if (header.size > MAX_ONE_SHOT_BYTES || length >= LARGE_BYTES) return hashLarge(blob, tools);
  const data = tools.packFiles.read(pack, blob.entry)?.subarray(header.length);
  const content = data === undefined ? undefined : inflate(data, header.size);
  if (content === undefined || oneShotName(tools.format, content) !== blob.oid) return undefined;
  return { sha256: hash('sha256', content, 'hex'), size: content.length };
}

async function hashLarge(
  blob: LocatedBlob,
  tools: { format: ObjectFormat; packFiles: PackFiles },
): Promise<BlobDigest | undefined> {
  const { digests } = await readPackedBlobs({ kind: 'blobs', blobs: [blob] }, tools);
  return digests[0] ?? undefined;
}

/** Git's name for a small blob: copied behind its header, it is hashed in one call. */
function oneShotName({ name }: ObjectFormat, content: Buffer): string {
  const start = named.write(`blob ${content.length}\0`, 'latin1');
  return hash(name, named.subarray(0, start + content.copy(named, start)), 'hex');
}

/** The digests of a task in their order; undefined for what was not read. */
export function* eachDigest({ sha256s, sizes }: BlobDigests): Generator<BlobDigest | undefined> {
  for (const [i, size] of sizes.entries()) {
    const sha256 = sha256s.slice(i * SHA256_LENGTH, (i + 1) * SHA256_LENGTH);
    yield sha256 === NOT_READ ? undefined : { sha256, size };
  }
}
