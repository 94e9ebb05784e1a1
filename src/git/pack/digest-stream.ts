import { once } from 'node:events';
import { createInflate } from 'node:zlib';
import { MalformedError } from '../../core/errors.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import type { BlobDigest } from '../../core/ports.ts';
import { FileReceiver } from '../files/new-file.ts';
import { BlobDigester } from '../objects/blob-receiver.ts';
import type { ObjectReceiver } from '../objects/cat-file.ts';
import { isBadData } from './inflater.ts';
import type { PackFiles } from './pack-files.ts';
import type { EntryHeader } from './pack-format.ts';
import type { PackedBlob } from './packed-blobs.ts';

const CHUNK_BYTES = 1024 * 1024;

/** Hashes a blob of any size, and writes its file, piece by piece. Undefined where it is damaged, or has not its name. */
export async function digestStream(
  { oid, entry, restore }: PackedBlob,
  { header, format, packFiles }: { header: EntryHeader; format: ObjectFormat; packFiles: PackFiles },
): Promise<BlobDigest | undefined> {
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
    if (isBadData(error) || error instanceof MalformedError) return undefined;
    throw error;
  } finally {
    inflater.destroy();
  }
}
