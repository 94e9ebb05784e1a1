import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { createDeflate } from 'node:zlib';
import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectFormat, Oid } from '../../core/oid.ts';
import type { UnsteadyFiles } from '../../core/ports.ts';
import type { FileStat } from '../../core/workdir.ts';
import { fileError } from '../files/file-error.ts';
import {
  changedFile,
  fileStat,
  isGone,
  openRegular,
  type Reading,
  readings,
  readUnsteady,
  sameFile,
} from '../files/read-file.ts';
import { compressionLevel } from '../objects/deflate.ts';
import { objectHash } from '../objects/object-name.ts';
import { entryHeader } from '../pack/pack-format.ts';
import { PackWriter } from '../pack/pack-writer.ts';
import type { SealedPack } from '../pack/publish-packs.ts';

/** Hash one large file, in constant memory. */
export interface HashTask extends LargeFileSource {
  readonly kind: 'hash';
}

/** Where a large file is. */
interface LargeFileSource {
  readonly root: ByteString;
  readonly path: ByteString;
  readonly unsteady: UnsteadyFiles;
}

/** What became of it. */
export interface HashResult {
  readonly kind: 'hash';
  /** Undefined for one that is gone, where such are left out. */
  readonly file: HashedFile | undefined;
}

/** A large file by name. */
export interface HashedFile {
  readonly oid: Oid;
  readonly sha256: string;
  readonly stat: FileStat;
}

/** Write large files into a pack of their own. */
export interface PackTask {
  readonly kind: 'pack';
  readonly root: ByteString;
  readonly objectDirectory: ByteString;
  readonly fsync: boolean;
  readonly unsteady: UnsteadyFiles;
  readonly files: readonly { readonly path: ByteString; readonly hashed: HashedFile }[];
}

/** The pack, and the files as they were when they were written: one may have changed since it was hashed. */
export interface PackedFiles {
  readonly kind: 'pack';
  readonly pack: SealedPack;
  /** Undefined for one that is gone, where such are left out. */
  readonly files: readonly (HashedFile | undefined)[];
}

/** Told of each piece of a file that is done, in bytes. */
export type OnBytes = (bytes: number) => void;

const CHUNK_BYTES = 1024 * 1024;

/** Hashes a file by both hashes. @throws as {@link readUnsteady} */
export function hashFile(
  { root, path, unsteady }: LargeFileSource,
  format: ObjectFormat,
  onBytes: OnBytes,
): HashedFile | undefined {
  return readUnsteady({ path, unsteady }, (how) => {
    const opened = openRegular(`${root}/${path}`, path);
    if (opened === undefined) return undefined;
    const { descriptor, stats } = opened;
    try {
      const size = Number(stats.size);
      const name = objectHash(format, 'blob', size);
      const sha256 = createHash('sha256');
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      let left = size;
      for (
        let chunk = readSome(descriptor, buffer, left);
        chunk.length > 0;
        chunk = readSome(descriptor, buffer, left)
      ) {
        name.update(chunk);
        sha256.update(chunk);
        onBytes(chunk.length);
        left -= chunk.length;
      }
      if (left > 0) return undefined;
      if (how === 'steady' && !sameFile(stats, fstatSync(descriptor, { bigint: true }))) return undefined;
      return { oid: name.digest('hex') as Oid, sha256: sha256.digest('hex'), stat: fileStat(stats) };
    } catch (error) {
      throw fileError(error, 'read', path);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Writes one pack of large files, in constant memory. On failure it leaves nothing behind. */
export async function packFiles(task: PackTask, format: ObjectFormat, onBytes: OnBytes): Promise<PackedFiles> {
  const { root, objectDirectory, fsync, unsteady } = task;
  const writer = new PackWriter({ objectDirectory, format, fsync, expectedEntries: task.files.length });
  try {
    const files: (HashedFile | undefined)[] = [];
    for (const { path, hashed } of task.files) {
      files.push(await addFile({ writer, root, path, unsteady, hashed }, format, onBytes));
    }
    return { kind: 'pack', pack: writer.seal(), files };
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

interface FileToAdd extends LargeFileSource {
  readonly writer: PackWriter;
  readonly hashed: HashedFile;
}

async function addFile(file: FileToAdd, format: ObjectFormat, onBytes: OnBytes): Promise<HashedFile | undefined> {
  let { hashed } = file;
  for (const [attempt, how] of readings(file.unsteady).entries()) {
    if (attempt > 0 && how === 'steady') {
      const again = hashFile(file, format, () => {});
      if (again === undefined) return undefined;
      hashed = again;
    }
    file.writer.beginEntry();
    try {
      const written = await deflateFile({ ...file, hashed }, { format, onBytes, how });
      if (written !== undefined) {
        file.writer.endEntry(written.oid);
        return written;
      }
    } catch (error) {
      if (file.unsteady === 'refuse' || !isGone(error)) throw error;
      file.writer.cancelEntry();
      return undefined;
    }
    file.writer.cancelEntry();
  }
  throw changedFile(file.path);
}

// What was written: what was hashed or, where it is taken as it was, whatever that is. Undefined if that cannot be had.
async function deflateFile(
  { writer, root, path, hashed, unsteady }: FileToAdd,
  { format, onBytes, how }: { format: ObjectFormat; onBytes: OnBytes; how: Reading },
): Promise<HashedFile | undefined> {
  const opened = openRegular(`${root}/${path}`, path);
  if (opened === undefined) return undefined;
  const { descriptor, stats } = opened;
  try {
    const size = how === 'steady' ? hashed.stat.size : Number(stats.size);
    // What was appended since is not of what was hashed.
    if (unsteady === 'take' ? Number(stats.size) < size : Number(stats.size) !== size) return undefined;
    writer.append(entryHeader('blob', size));
    const name = objectHash(format, 'blob', size);
    const sha256 = how === 'as-it-was' ? createHash('sha256') : undefined;
    let left = size;
    // Two buffers in turn: one is read and hashed while zlib has the other.
    const buffers = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)] as const;
    let chunk = readOf(descriptor, buffers[0], { path, left });
    const deflate = createDeflate({ level: compressionLevel(chunk), chunkSize: CHUNK_BYTES });
    try {
      const ended = once(deflate, 'end');
      deflate.on('data', (piece: Buffer) => {
        try {
          writer.append(piece);
        } catch (error) {
          // A listener must not throw: nobody would catch it.
          deflate.destroy(error instanceof Error ? error : new Error('cannot write the pack'));
        }
      });
      // Seen by `once` too; without a listener now, a failure before the await below would end the process.
      ended.catch(() => {});
      for (let turn = 1; chunk.length > 0; turn++) {
        const drained = deflate.write(chunk) ? undefined : once(deflate, 'drain');
        name.update(chunk);
        sha256?.update(chunk);
        onBytes(chunk.length);
        left -= chunk.length;
        chunk = readOf(descriptor, buffers[turn % 2 === 0 ? 0 : 1], { path, left });
        await drained;
      }
      deflate.end();
      await ended;
    } finally {
      deflate.destroy();
    }
    if (left > 0) return undefined;
    const oid = name.digest('hex') as Oid;
    if (sha256 !== undefined) return { oid, sha256: sha256.digest('hex'), stat: fileStat(stats) };
    return oid === hashed.oid ? hashed : undefined;
  } finally {
    closeSync(descriptor);
  }
}

function readOf(descriptor: number, buffer: Buffer, { path, left }: { path: ByteString; left: number }): Buffer {
  try {
    return readSome(descriptor, buffer, left);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

function readSome(descriptor: number, buffer: Buffer, left: number): Buffer {
  return buffer.subarray(0, readSync(descriptor, buffer, 0, Math.min(buffer.length, left), null));
}
