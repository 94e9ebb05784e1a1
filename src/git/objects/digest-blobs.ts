import { MissingObjectError, SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { BlobDigest, Progress } from '../../core/ports.ts';
import { progressMeter } from '../workers/progress-meter.ts';
import { BlobDigester } from './blob-receiver.ts';
import type { BlobSource } from './blob-source.ts';
import { readPacked } from './read-packed.ts';

/** Hashes blobs of any size in constant memory; what is wrong with one is told, not thrown. */
export async function digestBlobs(
  source: BlobSource,
  oids: readonly Oid[],
  progress?: Progress,
): Promise<{ digests: Map<Oid, BlobDigest>; faults: Map<Oid, string> }> {
  const wanted = [...new Set(oids)];
  const meter = progressMeter(progress, wanted.length);
  const digests = new Map<Oid, BlobDigest>();
  await readPacked(source, { oids: wanted }, (place, digest) => {
    digests.set(wanted[place] as Oid, digest);
    meter(1);
  });
  const faults = new Map<Oid, string>();
  if (digests.size === wanted.length) return { digests, faults };
  const receivers: BlobDigester[] = [];
  for (const oid of wanted) if (!digests.has(oid)) receivers.push(new BlobDigester(oid, source.format));
  const requests = receivers.map((receiver) => ({ oid: receiver.oid, receiver }));
  const failures = await source.catFile.read(requests, () => meter(1));
  for (const [i, receiver] of receivers.entries()) {
    const failure = failures[i];
    if (failure === undefined) digests.set(receiver.oid, receiver.result());
    else if (isFault(failure)) faults.set(receiver.oid, failure.message);
    else throw failure;
  }
  return { digests, faults };
}

// What is wrong with an object, as against what is wrong with git or with us.
function isFault(failure: unknown): failure is SnapshotError {
  return failure instanceof MissingObjectError || (failure instanceof SnapshotError && failure.kind === 'untrusted');
}
