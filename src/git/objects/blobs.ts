import type { ObjectFormat, Oid } from '../../core/oid.ts';
import type { BlobDigest, BlobToRestore, Progress } from '../../core/ports.ts';
import { FileReceiver } from '../files/new-file.ts';
import type { PackSet } from '../pack/pack-set.ts';
import type { LocatedBlob } from '../pack/packed-blobs.ts';
import { progressMeter } from '../workers/progress-meter.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { CatFile } from './cat-file.ts';

/** How blobs are read: by threads straight from packs, and by git whatever those leave. */
export interface BlobSource {
  readonly catFile: CatFile;
  readonly pool: WorkerPool;
  readonly packs: PackSet;
  readonly format: ObjectFormat;
}

interface Wanted {
  readonly oid: Oid;
  readonly restore?: BlobToRestore;
}

// A task is as many blobs as these allow, and at least one.
const MAX_TASK_BLOBS = 256;
const MAX_TASK_BYTES = 8 * 1024 * 1024;
// Below these, starting threads takes longer than the work.
const MIN_PARALLEL_BLOBS = 512;
const MIN_PARALLEL_BYTES = 8 * 1024 * 1024;

/** Writes blobs to new files. @throws the first failure, after everything under way has ended */
export async function restoreBlobs(
  source: BlobSource,
  blobs: readonly BlobToRestore[],
  progress?: Progress,
): Promise<BlobDigest[]> {
  const meter = progressMeter(progress, blobs.length);
  const wanted = blobs.map((restore): Wanted => ({ oid: restore.oid, restore }));
  const digests = await readPacked(source, wanted, meter);
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

// By place; null or undefined for what is not in a pack, or not readable there.
async function readPacked(
  { pool, packs }: BlobSource,
  wanted: readonly Wanted[],
  meter: (more: number) => void,
): Promise<(BlobDigest | null | undefined)[]> {
  packs.refresh();
  const located: { i: number; blob: LocatedBlob }[] = [];
  for (const [i, { oid, restore }] of wanted.entries()) {
    const entry = packs.find(oid);
    if (entry !== undefined) located.push({ i, blob: { oid, entry, ...(restore === undefined ? {} : { restore }) } });
  }
  // In the order in which they lie on the disk.
  located.sort(({ blob: { entry: a } }, { blob: { entry: b } }) =>
    a.pack === b.pack ? a.offset - b.offset : a.pack < b.pack ? -1 : 1,
  );
  const groups = group(located);
  const digests: (BlobDigest | null)[] = [];
  await pool.run<'blobs'>(
    groups.map((members) => ({ kind: 'blobs' as const, blobs: members.map(({ blob }) => blob) })),
    {
      parallel: located.length >= MIN_PARALLEL_BLOBS || sumBytes(located) >= MIN_PARALLEL_BYTES,
      keepResults: false,
      onResult: (result, k) => {
        for (const [j, { i }] of (groups[k] ?? []).entries()) digests[i] = result.digests[j] ?? null;
        meter(result.digests.filter((digest) => digest !== null).length);
      },
    },
  );
  return Array.from(wanted, (_, i) => digests[i]);
}

function sumBytes(located: readonly { blob: LocatedBlob }[]): number {
  return located.reduce((sum, { blob }) => sum + blob.entry.length, 0);
}

function group<Member extends { blob: LocatedBlob }>(located: readonly Member[]): Member[][] {
  const groups: Member[][] = [];
  let last: Member[] = [];
  let bytes = 0;
  for (const member of located) {
    const full = last.length === MAX_TASK_BLOBS || bytes + member.blob.entry.length > MAX_TASK_BYTES;
    if (groups.length === 0 || full) {
      last = [];
      bytes = 0;
      groups.push(last);
    }
    last.push(member);
    bytes += member.blob.entry.length;
  }
  return groups;
}
