import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { FILE, fileType } from '../../core/entry.ts';
import { type Oid, SHA1 } from '../../core/oid.ts';
import type { FileStat } from '../../core/workdir.ts';
import { at, isSymlink, isSystemError, lstat } from './disk.ts';

const CHUNK_BYTES = 1 << 20;

/**
 * Whether a file or link has exactly the content that the blob has. One that cannot be read has not.
 *
 * It reads all of it, since a stat proves nothing: what is stored through a memory map moves no time until the system
 * writes it out.
 */
export function holdsBlob(path: ByteString, oid: Oid): boolean {
  const stat = lstat(path);
  return stat !== undefined && blobAt(path, stat, oid.length === SHA1.hexLength ? 'sha1' : 'sha256') === oid;
}

/** Whether two files or links have the same content. */
export function sameBytes(one: ByteString, other: ByteString): boolean {
  const [a, b] = [lstat(one), lstat(other)];
  if (a === undefined || b === undefined || fileType(a.mode) !== fileType(b.mode) || a.size !== b.size) return false;
  const blob = blobAt(one, a, 'sha256');
  return blob !== undefined && blob === blobAt(other, b, 'sha256');
}

/** What git would call the content; undefined where it cannot be read, changes its length meanwhile, or is neither file nor link. */
function blobAt(path: ByteString, stat: FileStat, algorithm: 'sha1' | 'sha256'): string | undefined {
  const hash = createHash(algorithm).update(`blob ${stat.size}\0`);
  try {
    if (isSymlink(stat)) return hash.update(readlinkSync(at(path), { encoding: 'buffer' })).digest('hex');
    if (fileType(stat.mode) !== FILE) return undefined;
    let readBytes = 0;
    const fd = openSync(at(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, stat.size + 1));
      for (let got = readSync(fd, chunk); got > 0; got = readSync(fd, chunk)) {
        hash.update(chunk.subarray(0, got));
        readBytes += got;
        if (readBytes > stat.size) return undefined;
      }
    } finally {
      closeSync(fd);
    }
    return readBytes === stat.size ? hash.digest('hex') : undefined;
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EPERM', 'EIO', 'ENOENT', 'ELOOP', 'EINVAL')) throw error;
    return undefined;
  }
}
