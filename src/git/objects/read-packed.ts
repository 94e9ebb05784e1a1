import type { Oid } from '../../core/oid.ts';
import type { BlobDigest, BlobToRestore } from '../../core/ports.ts';
import type { PackedEntries, PackSet } from '../pack/pack-set.ts';
import { type BlobsTask, eachDigest, type NewFiles, SYMLINK } from '../pack/packed-blobs.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';

/** What reading takes. */
export interface PackedSource {
  readonly pool: WorkerPool;
  readonly packs: PackSet;
}

// A task is as many blobs as these allow, and at least one.
const MAX_TASK_BLOBS = 512;
const MAX_TASK_BYTES = 8 * 1024 * 1024;
// Below these, starting threads takes longer than the work: 0.1 s of a processor for two of them, as for a thousand small blobs.
const MIN_PARALLEL_BLOBS = 2048;
const MIN_PARALLEL_BYTES = 8 * 1024 * 1024;

/**
 * Hashes the blobs that are in packs, and readable there, by threads where they are many.
 *
 * @param files - by the blob's place: the files to write
 * @param onDigest - told of each, by its place, in any order
 */
export async function readPacked(
  { pool, packs }: PackedSource,
  { oids, files }: { oids: readonly Oid[]; files?: readonly BlobToRestore[] },
  onDigest: (place: number, digest: BlobDigest) => void,
): Promise<void> {
  packs.refresh();
  // They take as long to start as it takes to look the blobs up.
  if (oids.length >= MIN_PARALLEL_BLOBS) pool.warm();
  const batches = packs.locate(oids).flatMap(cutIntoBatches);
  const bytes = batches.reduce((sum, batch) => sum + batch.bytes, 0);
  await pool.run<'blobs'>(
    batches.map(
      ({ entries }) =>
        () =>
          makeTask(entries, oids, files),
    ),
    {
      parallel: oids.length >= MIN_PARALLEL_BLOBS || bytes >= MIN_PARALLEL_BYTES,
      keepResults: false,
      onResult: (result, k) => {
        const { places } = batches[k]?.entries ?? { places: [] };
        let i = 0;
        for (const digest of eachDigest(result)) {
          const place = places[i++];
          if (digest !== undefined && place !== undefined) onDigest(place, digest);
        }
      },
    },
  );
}

interface Batch {
  readonly entries: PackedEntries;
  readonly bytes: number;
}

function cutIntoBatches({ pack, places, offsets, lengths }: PackedEntries): Batch[] {
  const batches: Batch[] = [];
  let start = 0;
  let bytes = 0;
  for (const [i, length] of lengths.entries()) {
    bytes += length;
    const end = i + 1;
    const isFull = end - start === MAX_TASK_BLOBS || bytes + (lengths[end] ?? 0) > MAX_TASK_BYTES;
    if (end < lengths.length && !isFull) continue;
    // Copies: of a part of an array, all of the array would cross to the thread.
    const part = (column: Float64Array) => column.slice(start, end);
    const entries = { pack, places: places.slice(start, end), offsets: part(offsets), lengths: part(lengths) };
    batches.push({ entries, bytes });
    start = end;
    bytes = 0;
  }
  return batches;
}

function makeTask(
  { pack, places, offsets, lengths }: PackedEntries,
  oids: readonly Oid[],
  files: readonly BlobToRestore[] | undefined,
): BlobsTask {
  const names = Array.from(places, (place) => oids[place]).join('');
  const task: BlobsTask = { kind: 'blobs', pack, oids: names, offsets, lengths };
  return files === undefined ? task : { ...task, files: newFiles(places, files) };
}

function newFiles(places: Uint32Array, files: readonly BlobToRestore[]): NewFiles {
  const destinations: string[] = [];
  const permissions = new Int16Array(places.length);
  for (const [i, place] of places.entries()) {
    const file = files[place];
    destinations.push(file?.destination ?? '');
    permissions[i] = file === undefined || file.symlink ? SYMLINK : file.permissions;
  }
  return { destinations: destinations.join('\0'), permissions };
}
