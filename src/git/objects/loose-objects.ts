import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fchmodSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectType, Oid } from '../../core/oid.ts';
import { fileError, isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import { syncDirectory } from '../files/sync-directory.ts';
import { writeFully } from '../files/write-fully.ts';
import { markUsed } from '../pack/pack-set.ts';

/** An object that is to be stored, under the name it is known to have. */
export interface NamedObject {
  readonly oid: Oid;
  readonly type: ObjectType;
  readonly body: Uint8Array;
}

/**
 * Writes loose objects: complete or not at all, read-only as git makes them, durable with `fsync`.
 * One that is there as a loose object already is not written again.
 */
export function writeLooseObjects(
  objectDirectory: ByteString,
  objects: readonly NamedObject[],
  { fsync }: { fsync: boolean },
): void {
  const touched = new Set<ByteString>();
  for (const { oid, type, body } of objects) {
    const directory = `${objectDirectory}/${oid.slice(0, 2)}`;
    const file = `${directory}/${oid.slice(2)}`;
    if (existsSync(fsPath(file)) && markUsed(file)) continue;
    try {
      if (makeDirectory(directory)) touched.add(objectDirectory);
      writeFile({ directory, file, content: encode(type, body), fsync });
    } catch (error) {
      throw fileError(error, 'write', file);
    }
    touched.add(directory);
  }
  if (fsync) for (const directory of touched) syncDirectory(directory);
}

function encode(type: ObjectType, body: Uint8Array): Buffer {
  return deflateSync(Buffer.concat([Buffer.from(`${type} ${body.length}\0`, 'latin1'), body]), { level: 1 });
}

function makeDirectory(path: ByteString): boolean {
  try {
    mkdirSync(fsPath(path));
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw error;
  }
}

function writeFile(write: { directory: ByteString; file: ByteString; content: Buffer; fsync: boolean }): void {
  // Named as git names its own, so that `git prune` clears up what a crash leaves.
  const temporary = fsPath(`${write.directory}/tmp_obj_${randomBytes(6).toString('hex')}`);
  const descriptor = openSync(temporary, 'wx', 0o444);
  try {
    try {
      writeFully(descriptor, write.content);
      fchmodSync(descriptor, 0o444);
      if (write.fsync) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    // No object has its name before it is durable: a later one would be believed to be there.
    renameSync(temporary, fsPath(write.file));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
