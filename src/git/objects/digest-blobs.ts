import { MissingObjectError, SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { BlobDigest, Progress } from '../../core/ports.ts';
import { type DigestTask, eachDigest } from '../pack/hash-packed.ts';
import type { PackedEntry } from '../pack/pack-set.ts';
import { progressMeter } from '../workers/progress-meter.ts';
import { BlobDigester } from './blob-receiver.ts';
import type { BlobSource } from './blobs.ts';

// A task is as many blobs as these allow, and at least one.
const MAX_TASK_BLOBS = 512;
const MAX_TASK_BYTES = 8 * 1024 * 1024;
// Below these, starting threads takes longer than the work.
const MIN_PARALLEL_BLOBS = 512;
const MIN_PARALLEL_BYTES = 8 * 1024 * 1024;

/** Hashes blobs of any size in constant memory; what is wrong with one is told, not thrown. */
export async function digestBlobs(
  source: BlobSource,
  oids: readonly Oid[],
  progress?: Progress,
): Promise<{ digests: Map<Oid, BlobDigest>; faults: Map<Oid, string> }> {
  const wanted = new Set(oids);
  const meter = progressMeter(progress, wanted.size);
  const digests = await digestPacked(source, wanted, meter);
  const faults = new Map<Oid, string>();
  if (digests.size === wanted.size) return { digests, faults };
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

/** Those that are in packs, and readable there. */
async function digestPacked(
  { pool, packs }: BlobSource,
  wanted: ReadonlySet<Oid>,
  meter: (more: number) => void,
): Promise<Map<Oid, BlobDigest>> {
  packs.refresh();
  // They take as long to start as it takes to look the blobs up.
  if (wanted.size >= MIN_PARALLEL_BLOBS) pool.warm();
  const batches = makeBatches(locate(packs, wanted));
  const bytes = batches.reduce((sum, batch) => sum + batch.bytes, 0);
  const digests = new Map<Oid, BlobDigest>();
  await pool.run<'digest'>(
    batches.map(({ task }) => task),
    {
      parallel: wanted.size >= MIN_PARALLEL_BLOBS || bytes >= MIN_PARALLEL_BYTES,
      keepResults: false,
      onResult: (result, k) => {
        const names = batches[k]?.oids ?? [];
        const before = digests.size;
        let i = 0;
        for (const digest of eachDigest(result)) {
          const oid = names[i++];
          if (digest !== undefined && oid !== undefined) digests.set(oid, digest);
        }
        meter(digests.size - before);
      },
    },
  );
  return digests;
}

interface Located {
  readonly oid: Oid;
  readonly entry: PackedEntry;
}

/** In the order in which they lie on the disk. */
function locate(packs: BlobSource['packs'], wanted: Iterable<Oid>): Located[] {
  const located: Located[] = [];
  for (const oid of wanted) {
    const entry = packs.find(oid);
    if (entry !== undefined) located.push({ oid, entry });
  }
  return located.sort(({ entry: a }, { entry: b }) =>
    a.pack === b.pack ? a.offset - b.offset : a.pack < b.pack ? -1 : 1,
  );
}

interface Batch {
  readonly oids: readonly Oid[];
  readonly bytes: number;
  readonly task: DigestTask;
}

function makeBatches(located: readonly Located[]): Batch[] {
  const batches: Batch[] = [];
  let start = 0;
  let bytes = 0;
  for (const [i, { entry }] of located.entries()) {
    bytes += entry.length;
    const next = located[i + 1]?.entry;
    const full = i + 1 - start === MAX_TASK_BLOBS || bytes + (next?.length ?? 0) > MAX_TASK_BYTES;
    if (next !== undefined && next.pack === entry.pack && !full) continue;
    batches.push(makeBatch(located.slice(start, i + 1), { pack: entry.pack, bytes }));
    start = i + 1;
    bytes = 0;
  }
  return batches;
}

function makeBatch(members: readonly Located[], { pack, bytes }: { pack: PackedEntry['pack']; bytes: number }): Batch {
  const oids = members.map(({ oid }) => oid);
  const task: DigestTask = {
    kind: 'digest',
    pack,
    oids: oids.join(''),
    offsets: Float64Array.from(members, ({ entry }) => entry.offset),
    lengths: Float64Array.from(members, ({ entry }) => entry.length),
  };
  return { oids, bytes, task };
}

// What is wrong with an object, as against what is wrong with git or with us.
function isFault(failure: unknown): failure is SnapshotError {
  return failure instanceof MissingObjectError || (failure instanceof SnapshotError && failure.kind === 'untrusted');
}
