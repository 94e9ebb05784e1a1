import { lstatSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import type { Oid } from '../../core/oid.ts';
import type { FileToIngest, IngestedFile, UnsteadyFiles } from '../../core/ports.ts';
import { fsPath } from '../files/fs-path.ts';
import { markPresent } from '../objects/mark-objects.ts';
import type { Repository } from '../open-repository.ts';
import type { PackSet } from '../pack/pack-set.ts';
import { discardPack, type SealedPack } from '../pack/publish-packs.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { HashedFile } from './large-files.ts';

export interface LargeTools {
  readonly repository: Repository;
  readonly pool: WorkerPool;
  readonly packs: PackSet;
  readonly root: ByteString;
  readonly store: boolean;
  readonly unsteady: UnsteadyFiles;
  readonly fsync: boolean;
  /** Names of the objects that this ingest stores already; grows. */
  readonly stored: Set<Oid>;
  /** Told how many files are done, in parts. */
  readonly meter: (more: number) => void;
}

interface LargeFile {
  readonly path: ByteString;
  /** Undefined: it is gone. */
  hashed: HashedFile | undefined;
}

interface HashedLarge extends LargeFile {
  readonly hashed: HashedFile;
}

/**
 * Takes in large files in constant memory: hashes all of them, then writes those that are new, a pack a thread.
 * Reading them twice costs less than deflating a file that is stored already.
 *
 * @returns `files`: by their place in what was asked for; undefined for one that is gone, where such are left out
 */
export async function ingestLarge(
  tools: LargeTools,
  files: readonly FileToIngest[],
): Promise<{ files: (IngestedFile | undefined)[]; packs: SealedPack[] }> {
  const { pool, root, store, unsteady } = tools;
  // For the progress only: what counts is found when the file is open.
  const sizes = files.map(({ path }) => lstatSync(fsPath(`${root}/${path}`), { throwIfNoEntry: false })?.size ?? 0);
  const hashing = passMeter(tools.meter, { share: store ? files.length / 2 : files.length, totalBytes: sum(sizes) });
  const hashed = await pool.run<'hash'>(
    files.map(({ path }) => () => ({ kind: 'hash' as const, root, path, unsteady })),
    { parallel: true, onBytes: hashing.onBytes },
  );
  hashing.end();
  const large = hashed.map(({ file }, i): LargeFile => ({ path: files[i]?.path ?? '', hashed: file }));
  const packs = tools.store ? await storeNew(tools, files, large) : [];
  return {
    packs,
    files: large.map(({ path, hashed }) => {
      if (hashed === undefined) return undefined;
      const { oid, sha256, stat } = hashed;
      return { path, oid, sha256, size: stat.size, mode: stat.mode, stat };
    }),
  };
}

async function storeNew(tools: LargeTools, files: readonly FileToIngest[], large: LargeFile[]): Promise<SealedPack[]> {
  const there = await markPresent(
    tools,
    large.flatMap(({ hashed }) => hashed?.oid ?? []),
  );
  const isMissing = ({ hashed }: LargeFile, i: number) => {
    const oid = hashed?.oid;
    return oid !== undefined && oid !== files[i]?.knownOid && !there.has(oid) && !tools.stored.has(oid);
  };
  const fresh = large.filter((file, i): file is HashedLarge => {
    if (!isMissing(file, i)) return false;
    if (file.hashed !== undefined) tools.stored.add(file.hashed.oid);
    return true;
  });
  if (fresh.length === 0) return [];
  const { repository, root, unsteady, fsync } = tools;
  const totalBytes = sum(fresh.map(sizeOf));
  const writing = passMeter(tools.meter, { share: files.length / 2, totalBytes });
  const groups = balance(fresh, tools.pool.width);
  const packs: SealedPack[] = [];
  try {
    await tools.pool.run<'pack'>(
      groups.map((group) => () => ({
        kind: 'pack' as const,
        root,
        objectDirectory: repository.objectDirectory,
        fsync,
        unsteady,
        files: group,
      })),
      {
        parallel: true,
        onBytes: writing.onBytes,
        onResult: (result, i) => {
          packs.push(result.pack);
          for (const [k, file] of (groups[i] ?? []).entries()) {
            tools.stored.delete(file.hashed.oid);
            const written = result.files[k];
            if (written !== undefined) tools.stored.add(written.oid);
            (file as LargeFile).hashed = written;
          }
        },
      },
    );
    writing.end();
    // Another may have been the same as one that has changed since, and was left to that.
    return [...packs, ...(large.some(isMissing) ? await storeNew(tools, files, large) : [])];
  } catch (error) {
    for (const pack of packs) discardPack(pack);
    throw error;
  }
}

/** Shares files out so that the groups take about equally long: largest first, each to the group that has least. */
function balance(files: readonly HashedLarge[], width: number): HashedLarge[][] {
  const groups = Array.from({ length: Math.min(width, files.length) }, () => ({
    files: [] as HashedLarge[],
    bytes: 0,
  }));
  for (const file of files.toSorted((a, b) => sizeOf(b) - sizeOf(a))) {
    const least = groups.reduce((a, b) => (b.bytes < a.bytes ? b : a));
    least.files.push(file);
    least.bytes += sizeOf(file);
  }
  return groups.map((group) => group.files);
}

function sizeOf({ hashed }: LargeFile): number {
  return hashed?.stat.size ?? 0;
}

/** Turns bytes of one pass over the files into the share of the whole that this pass is. */
function passMeter(meter: (more: number) => void, { share, totalBytes }: { share: number; totalBytes: number }) {
  let left = share;
  const move = (more: number) => {
    left -= more;
    meter(more);
  };
  return {
    onBytes: (bytes: number) => move(totalBytes === 0 ? 0 : Math.min(left, (bytes / totalBytes) * share)),
    end: () => move(left),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
