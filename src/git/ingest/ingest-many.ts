import type { ByteString } from '../../core/byte-string.ts';
import type { Oid } from '../../core/oid.ts';
import type { FileToIngest, IngestedFile, UnsteadyFiles } from '../../core/ports.ts';
import type { PackWriter } from '../pack/pack-writer.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { GONE, type PreparedFiles, statAt } from './prepare-files.ts';

const FILES_A_TASK = 128;
// Below this, starting threads takes longer than the work, and more memory.
const MIN_PARALLEL_BYTES = 8 * 1024 * 1024;
// To open a file and to begin its hashes and its compression takes as long as so many bytes of it.
const FILE_IN_BYTES = 4096;

// Of a batch of larger files it may be much more, which is better given back.
const MOST_BYTES_KEPT = 1024 * 1024;

/** What files are taken in with. Without a writer they are only hashed. */
export interface ManyTools {
  readonly pool: WorkerPool;
  readonly root: ByteString;
  readonly writer: PackWriter | undefined;
  readonly unsteady: UnsteadyFiles;
  /** Names of the objects that are in the pack already; grows. */
  readonly stored: Set<Oid>;
  /** Told how many files are done. */
  readonly meter: (more: number) => void;
}

/** What came of one small file; `large`: it is none, and left to others. */
export type SmallFile = IngestedFile | 'large' | 'gone';

/** Takes in small files, by threads where they are many. */
export async function ingestMany(
  { pool, root, writer, unsteady, stored, meter }: ManyTools,
  files: readonly FileToIngest[],
): Promise<SmallFile[]> {
  const ingested: SmallFile[] = new Array(files.length).fill('large');
  // Between threads and this one, the same memory goes to and fro. New memory for each batch would be collected too late.
  const used: ArrayBuffer[] = [];
  const starts = Array.from({ length: Math.ceil(files.length / FILES_A_TASK) }, (_, i) => i * FILES_A_TASK);
  const tasks = starts.map((start) => () => {
    const batch = files.slice(start, start + FILES_A_TASK);
    return {
      kind: 'prepare' as const,
      root,
      paths: batch.map(({ path }) => path).join('\0'),
      knownOids: batch.map(({ knownOid }) => knownOid ?? '').join(' '),
      store: writer !== undefined,
      unsteady,
      memory: used.pop(),
    };
  });
  await pool.run<'prepare'>(tasks, {
    parallel: work(files) >= MIN_PARALLEL_BYTES,
    keepResults: false,
    onResult: (prepared, i) => {
      const start = starts[i] ?? 0;
      const oids = prepared.oids.split(' ') as Oid[];
      const sha256s = prepared.sha256s.split(' ');
      for (const [k, oid] of oids.entries()) {
        const file = files[start + k];
        if (oid === undefined || file === undefined || oid.length === 0) continue;
        if (oid === GONE) {
          ingested[start + k] = 'gone';
          continue;
        }
        const stat = statAt(prepared.stats, k);
        ingested[start + k] = {
          path: file.path,
          oid,
          sha256: sha256s[k] ?? '',
          size: stat.size,
          mode: stat.mode,
          stat,
        };
      }
      if (writer !== undefined) {
        writeEntries(writer, stored, { prepared, oids });
        const { buffer } = prepared.entries;
        if (buffer instanceof ArrayBuffer && buffer.byteLength <= MOST_BYTES_KEPT) used.push(buffer);
      }
      meter(oids.filter((oid) => oid.length > 0).length);
    },
  });
  return ingested;
}

/** How much there is to do, in bytes. */
function work(files: readonly FileToIngest[]): number {
  return files.reduce((sum, { expectedBytes = 0 }) => sum + FILE_IN_BYTES + expectedBytes, 0);
}

function writeEntries(
  writer: PackWriter,
  stored: Set<Oid>,
  { prepared, oids }: { prepared: PreparedFiles; oids: readonly Oid[] },
): void {
  // Runs of new objects are written in one piece; what another batch has brought already is left out.
  let run: { oid: Oid; length: number; crc: number }[] = [];
  let runStart = 0;
  let at = 0;
  const flush = () => {
    if (run.length > 0) writer.addEntries(run, prepared.entries.subarray(runStart, at));
    run = [];
  };
  for (const [k, oid] of oids.entries()) {
    const length = prepared.lengths[k] ?? 0;
    if (length === 0) continue;
    if (stored.has(oid)) {
      flush();
      at += length;
      runStart = at;
      continue;
    }
    stored.add(oid);
    run.push({ oid, length, crc: prepared.crcs[k] ?? 0 });
    at += length;
  }
  flush();
}
