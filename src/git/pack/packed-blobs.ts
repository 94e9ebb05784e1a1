import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectFormat, Oid } from '../../core/oid.ts';
import type { BlobDigest, BlobToRestore } from '../../core/ports.ts';
import { createFile } from '../files/new-file.ts';
import type { ContentRoom } from '../objects/content-room.ts';
import { digestStream } from './digest-stream.ts';
import type { Inflate } from './inflater.ts';
import type { PackFiles } from './pack-files.ts';
import { LARGE_BYTES, MAX_HEADER_BYTES, PACK_TYPES, parseEntryHeader } from './pack-format.ts';

/**
 * Hash blobs of one pack, or write them to new files as well. Best in the order in which they lie.
 *
 * Columns and joined strings, since those cross to a thread fastest, and make the fewest objects there.
 */
export interface BlobsTask {
  readonly kind: 'blobs';
  /** Path of the pack. */
  readonly pack: ByteString;
  /** Their names, one after the other. */
  readonly oids: string;
  readonly offsets: Float64Array;
  /** Of header and deflated data. */
  readonly lengths: Float64Array;
  readonly files?: NewFiles;
}

/** The files to write, by the blob's place in the task. */
export interface NewFiles {
  /** Their paths, joined by NUL. */
  readonly destinations: string;
  /** {@link SYMLINK} for a symbolic link. */
  readonly permissions: Int16Array;
}

export const SYMLINK = -1;

/** All by the blob's place in the task. */
export interface ReadBlobs {
  readonly kind: 'blobs';
  /** 64 digits each, or as many spaces where git has to be asked: a delta, no blob, or not readable here. */
  readonly sha256s: string;
  /** In bytes. */
  readonly sizes: Float64Array;
}

/** What a task is done with. */
export interface BlobTools {
  readonly format: ObjectFormat;
  readonly packFiles: PackFiles;
  readonly inflate: Inflate;
  readonly room: ContentRoom;
}

const SHA256_LENGTH = 64;
const NOT_READ = ' '.repeat(SHA256_LENGTH);

/** Does a task. Each blob is checked against its name; no file stays whose content was not right. */
export async function readPackedBlobs(task: BlobsTask, tools: BlobTools): Promise<ReadBlobs> {
  const { hexLength } = tools.format;
  const restore = task.files === undefined ? undefined : filesOf(task.files);
  const sha256s: string[] = [];
  const sizes = new Float64Array(task.offsets.length);
  for (const [i, offset] of task.offsets.entries()) {
    const oid = task.oids.slice(i * hexLength, (i + 1) * hexLength) as Oid;
    const entry = { pack: task.pack, offset, length: task.lengths[i] ?? 0 };
    const reading = readOne({ oid, entry, restore: restore?.(oid, i) }, tools);
    // Waited for only where it has to be: for a hundred thousand small ones, that alone takes a while.
    const digest = reading instanceof Promise ? await reading : reading;
    sha256s.push(digest?.sha256 ?? NOT_READ);
    sizes[i] = digest?.size ?? 0;
  }
  return { kind: 'blobs', sha256s: sha256s.join(''), sizes };
}

/** The digests of a task in their order; undefined for what was not read. */
export function* eachDigest({ sha256s, sizes }: ReadBlobs): Generator<BlobDigest | undefined> {
  for (const [i, size] of sizes.entries()) {
    const sha256 = sha256s.slice(i * SHA256_LENGTH, (i + 1) * SHA256_LENGTH);
    yield sha256 === NOT_READ ? undefined : { sha256, size };
  }
}

function filesOf({ destinations, permissions }: NewFiles): (oid: Oid, i: number) => BlobToRestore {
  const paths = destinations.split('\0');
  return (oid, i) => {
    const bits = permissions[i] ?? 0;
    const symlink = bits === SYMLINK;
    return { oid, destination: paths[i] ?? '', permissions: symlink ? 0o777 : bits, symlink };
  };
}

/** A blob, where its pack entry lies, and the file to write, if any. */
export interface PackedBlob {
  readonly oid: Oid;
  readonly entry: { readonly pack: ByteString; readonly offset: number; readonly length: number };
  readonly restore: BlobToRestore | undefined;
}

function readOne(blob: PackedBlob, tools: BlobTools): Promise<BlobDigest | undefined> | BlobDigest | undefined {
  const { pack, offset, length } = blob.entry;
  const head = tools.packFiles.read(pack, { offset, length: Math.min(length, MAX_HEADER_BYTES) });
  const header = head === undefined ? undefined : parseEntryHeader(head);
  if (header?.typeCode !== PACK_TYPES.blob) return undefined;
  if (header.size >= LARGE_BYTES || length >= LARGE_BYTES) return digestStream(blob, { header, ...tools });
  const data = tools.packFiles.read(pack, blob.entry)?.subarray(header.length);
  const room = tools.room.take(header.size + 1);
  if (data === undefined || tools.inflate(data, room) !== header.size) return undefined;
  const { oid, sha256 } = tools.room.name(header.size);
  if (oid !== blob.oid) return undefined;
  if (blob.restore !== undefined) createFile(blob.restore, room.subarray(0, header.size));
  return { sha256, size: header.size };
}
