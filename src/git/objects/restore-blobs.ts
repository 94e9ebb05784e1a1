import type { BlobDigest, BlobToRestore, Progress } from '../../core/ports.ts';
import { FileReceiver } from '../files/new-file.ts';
import { progressMeter } from '../workers/progress-meter.ts';
import type { BlobSource } from './blob-source.ts';
import { readPacked } from './read-packed.ts';

/** Writes blobs to new files. @throws the first failure, after everything under way has ended */
export async function restoreBlobs(
  source: BlobSource,
  blobs: readonly BlobToRestore[],
  progress?: Progress,
): Promise<BlobDigest[]> {
  const meter = progressMeter(progress, blobs.length);
  const digests: (BlobDigest | undefined)[] = new Array(blobs.length).fill(undefined);
  await readPacked(source, { oids: blobs.map(({ oid }) => oid), files: blobs }, (place, digest) => {
    digests[place] = digest;
    meter(1);
  });
  const leftOver = blobs.flatMap((blob, i) =>
    digests[i] ? [] : [{ i, oid: blob.oid, receiver: new FileReceiver(blob, source.format) }],
  );
  const failures = await source.catFile.read(leftOver, () => meter(1));
  for (const { receiver } of leftOver) receiver.abandon();
  for (const failure of failures) if (failure !== undefined) throw failure;
  for (const { i, receiver } of leftOver) digests[i] = receiver.result();
  return digests.map((digest) => {
    if (!digest) throw new Error('a blob was neither restored nor failed');
    return digest;
  });
}
