import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createInflate, inflateSync } from 'node:zlib';
import { MalformedError } from '../../core/errors.ts';
import type { ObjectFormat, Oid } from '../../core/oid.ts';
import type { BlobDigest, BlobToRestore } from '../../core/ports.ts';
import { createFile, FileReceiver } from '../files/new-file.ts';
import { BlobDigester } from '../objects/blob-receiver.ts';
import type { ObjectReceiver } from '../objects/cat-file.ts';
import { objectName } from '../objects/object-name.ts';
import type { PackFiles } from './pack-files.ts';
import { LARGE_BYTES, PACK_TYPES, parseEntryHeader } from './pack-format.ts';
import type { PackedEntry } from './pack-set.ts';

/** A blob, and where its pack entry lies. */
export interface LocatedBlob {
  readonly oid: Oid;
  readonly entry: PackedEntry;
  /** The file to write, if it is to be restored, and not only hashed. */
  readonly restore?: BlobToRestore;
}

/** Hash blobs that lie in packs, or write them to new files. Best in the order in which they lie. */
export interface BlobsTask {
  readonly kind: 'blobs';
  readonly blobs: readonly LocatedBlob[];
}

/** For each, in order, its digest; null where git has to be asked: a delta, no blob, or not readable here. */
export interface ReadBlobs {
  readonly kind: 'blobs';
  readonly digests: readonly (BlobDigest | null)[];
}

interface EntryHeader {
  readonly typeCode: number;
  readonly size: number;
  readonly length: number;
}

const CHUNK_BYTES = 1024 * 1024;
// Of a header: 4 bits and then 7 a byte are enough for any size.
const MAX_HEADER_BYTES = 32;

/** Does a task. Each blob is checked against its name; no file stays whose content was not right. */
export async function readPackedBlobs(
  { blobs }: BlobsTask,
  { format, packFiles }: { format: ObjectFormat; packFiles: PackFiles },
): Promise<ReadBlobs> {
  const digests: (BlobDigest | null)[] = [];
  for (const blob of blobs) {
    const { pack, offset, length } = blob.entry;
    const head = packFiles.read(pack, { offset, length: Math.min(length, MAX_HEADER_BYTES) });
    const header = head === undefined ? undefined : parseEntryHeader(head);
    if (header?.typeCode !== PACK_TYPES.blob) digests.push(null);
    else if (header.size < LARGE_BYTES && length < LARGE_BYTES) {
      digests.push(readWhole(blob, packFiles.read(pack, blob.entry)?.subarray(header.length), { format, header }));
    } else digests.push(await readStreamed(blob, packFiles, { format, header }));
  }
  return { kind: 'blobs', digests };
}

function readWhole(
  { oid, restore }: LocatedBlob,
  data: Buffer | undefined,
  { format, header }: { format: ObjectFormat; header: EntryHeader },
): BlobDigest | null {
  const content = data === undefined ? undefined : inflate(data, header.size);
  if (content === undefined || objectName(format, 'blob', content) !== oid) return null;
  if (restore !== undefined) createFile(restore, content);
  return { sha256: createHash('sha256').update(content).digest('hex'), size: content.length };
}

/** Inflates the data of an entry; undefined where it is damaged, or not of this size. */
export function inflate(data: Buffer, size: number): Buffer | undefined {
  try {
    // One byte more than there should be, to see content that is too long.
    const content = inflateSync(data, { chunkSize: Math.max(64, size + 1), maxOutputLength: size + 1 });
    return content.length === size ? content : undefined;
  } catch (error) {
    if (isBadData(error)) return undefined;
    throw error;
  }
}

async function readStreamed(
  { oid, entry, restore }: LocatedBlob,
  packFiles: PackFiles,
  { format, header }: { format: ObjectFormat; header: EntryHeader },
): Promise<BlobDigest | null> {
  const file = restore === undefined ? undefined : new FileReceiver(restore, format);
  const receiver: ObjectReceiver & { result(): BlobDigest } = file ?? new BlobDigester(oid, format);
  const inflater = createInflate({ chunkSize: CHUNK_BYTES });
  const ended = once(inflater, 'end');
  // Awaited below; without a listener now, a failure before that would end the process.
  ended.catch(() => {});
  inflater.on('data', (piece: Buffer) => {
    try {
      receiver.data(piece);
    } catch (error) {
      // A listener must not throw: nobody would catch it.
      inflater.destroy(error instanceof Error ? error : new Error('cannot write the file'));
    }
  });
  try {
    receiver.begin('blob', header.size);
    const end = entry.offset + entry.length;
    for (let offset = entry.offset + header.length; offset < end; offset += CHUNK_BYTES) {
      const chunk = packFiles.readOwn(entry.pack, { offset, length: Math.min(CHUNK_BYTES, end - offset) });
      if (chunk === undefined) break;
      if (!inflater.write(chunk)) await once(inflater, 'drain');
    }
    inflater.end();
    await ended;
    receiver.end();
    return receiver.result();
  } catch (error) {
    file?.abandon();
    if (isBadData(error) || error instanceof MalformedError) return null;
    throw error;
  } finally {
    inflater.destroy();
  }
}

// zlib's own errors, and the one for more output than there should be.
function isBadData(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return String(error.code).startsWith('Z_') || error.code === 'ERR_BUFFER_TOO_LARGE';
}
