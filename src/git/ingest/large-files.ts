import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { createDeflate } from 'node:zlib';
import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectFormat, Oid } from '../../core/oid.ts';
import type { FileStat } from '../../core/workdir.ts';
import { fileError } from '../files/file-error.ts';
import { changedFile, fileStat, openRegular, retryChanged, sameFile } from '../files/read-file.ts';
import { compressionLevel } from '../objects/deflate.ts';
import { objectHash } from '../objects/object-name.ts';
import { entryHeader } from '../pack/pack-format.ts';
import { PackWriter } from '../pack/pack-writer.ts';
import type { SealedPack } from '../pack/publish-packs.ts';

/** Hash one large file, in constant memory. */
export interface HashTask {
  readonly kind: 'hash';
  readonly root: ByteString;
  readonly path: ByteString;
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
  readonly files: readonly { readonly path: ByteString; readonly hashed: HashedFile }[];
}

/** The pack, and the files as they were when they were written: one may have changed since it was hashed. */
export interface PackedFiles {
  readonly kind: 'pack';
  readonly pack: SealedPack;
  readonly files: readonly HashedFile[];
}

/** Told of each piece of a file that is done, in bytes. */
export type OnBytes = (bytes: number) => void;

const CHUNK_BYTES = 1024 * 1024;
const TRIES = 3;

/** Hashes a file by both hashes. @throws as {@link retryChanged} */
export function hashFile(
  { root, path }: { root: ByteString; path: ByteString },
  format: ObjectFormat,
  onBytes: OnBytes,
): HashedFile {
  return retryChanged(path, () => {
    const opened = openRegular(`${root}/${path}`, path);
    if (opened === undefined) return undefined;
    const { descriptor, stats } = opened;
    try {
      const name = objectHash(format, 'blob', Number(stats.size));
      const sha256 = createHash('sha256');
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      for (let chunk = read(descriptor, buffer); chunk.length > 0; chunk = read(descriptor, buffer)) {
        name.update(chunk);
        sha256.update(chunk);
        onBytes(chunk.length);
      }
      if (!sameFile(stats, fstatSync(descriptor, { bigint: true }))) return undefined;
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
  const { root, objectDirectory, fsync } = task;
  const writer = new PackWriter({ objectDirectory, format, fsync, expectedEntries: task.files.length });
  try {
    const files: HashedFile[] = [];
    for (const { path, hashed } of task.files) {
      files.push(await addFile({ writer, root, path, hashed }, format, onBytes));
    }
    return { kind: 'pack', pack: writer.seal(), files };
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

interface FileToAdd {
  readonly writer: PackWriter;
  readonly root: ByteString;
  readonly path: ByteString;
  readonly hashed: HashedFile;
}

async function addFile(file: FileToAdd, format: ObjectFormat, onBytes: OnBytes): Promise<HashedFile> {
  let { hashed } = file;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) hashed = hashFile(file, format, () => {});
    file.writer.beginEntry();
    if (await deflateFile({ ...file, hashed }, format, onBytes)) {
      file.writer.endEntry(hashed.oid);
      return hashed;
    }
    file.writer.cancelEntry();
  }
  throw changedFile(file.path);
}

// False if the file is no longer what was hashed.
async function deflateFile(
  { writer, root, path, hashed }: FileToAdd,
  format: ObjectFormat,
  onBytes: OnBytes,
): Promise<boolean> {
  const opened = openRegular(`${root}/${path}`, path);
  if (opened === undefined) return false;
  const { descriptor, stats } = opened;
  try {
    if (Number(stats.size) !== hashed.stat.size) return false;
    writer.append(entryHeader('blob', hashed.stat.size));
    const name = objectHash(format, 'blob', hashed.stat.size);
    // Two buffers in turn: one is read and hashed while zlib has the other.
    const buffers = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)] as const;
    let chunk = readOf(descriptor, buffers[0], path);
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
        onBytes(chunk.length);
        chunk = readOf(descriptor, buffers[turn % 2 === 0 ? 0 : 1], path);
        await drained;
      }
      deflate.end();
      await ended;
    } finally {
      deflate.destroy();
    }
    return name.digest('hex') === hashed.oid;
  } finally {
    closeSync(descriptor);
  }
}

function readOf(descriptor: number, buffer: Buffer, path: ByteString): Buffer {
  try {
    return read(descriptor, buffer);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

function read(descriptor: number, buffer: Buffer): Buffer {
  return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, null));
}
