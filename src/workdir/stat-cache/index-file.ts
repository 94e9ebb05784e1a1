import { createHash } from 'node:crypto';
import { FILE, fileType, SYMLINK } from '../../core/entry.ts';
import type { ObjectFormat, Oid } from '../../core/oid.ts';
import type { CachedEntry, FileStat } from '../../core/workdir.ts';

/** What comes before the first entry. */
export const INDEX_HEADER_BYTES = 12;
/** Before the object name: times, device, inode, mode, owner, group, size, 32 bits each. */
const STAT_BYTES = 40;
const FLAGS_BYTES = 2;
/** Longer names are marked with this length, and end at their NUL. */
const LENGTH_MASK = 0xfff;

/**
 * Entries of an index file in git's format, version 2.
 *
 * An entry that is not vouched for has a stat of zeros, as `git update-index --cacheinfo` would write it. No file has
 * inode 0, so git takes it for changed, an empty file too.
 *
 * @param entries - files and links, sorted by path. Of permissions the index keeps whether the owner may execute
 */
export function encodeIndexEntries(
  entries: readonly CachedEntry[],
  { isVouchedFor, format }: { isVouchedFor: (entry: CachedEntry) => boolean; format: ObjectFormat },
): Buffer {
  let bytes = 0;
  for (const { path } of entries) bytes += indexEntryBytes(path.length, format);
  // Padding and unknown stats are zeros.
  const buffer = Buffer.alloc(bytes);
  let at = 0;
  for (const entry of entries) {
    if (isVouchedFor(entry)) writeStat(buffer, at, entry.stat);
    writeContent(buffer, at, entry);
    at += indexEntryBytes(entry.path.length, format);
  }
  return buffer;
}

/** The pieces of a whole file, without extensions, one after the other. */
export function indexPieces(
  entries: readonly Uint8Array[],
  { count, format }: { count: number; format: ObjectFormat },
): Uint8Array[] {
  const header = Buffer.alloc(INDEX_HEADER_BYTES);
  header.write('DIRC', 0, 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(count, 8);
  const hash = createHash(format.name).update(header);
  for (const piece of entries) hash.update(piece);
  return [header, ...entries, hash.digest()];
}

/** The length of an entry with a path of so many bytes. */
export function indexEntryBytes(pathLength: number, format: ObjectFormat): number {
  // One to eight NULs end the name and pad to eight bytes.
  return (STAT_BYTES + format.rawLength + FLAGS_BYTES + pathLength + 8) & ~7;
}

function writeStat(buffer: Buffer, start: number, stat: FileStat): void {
  let at = buffer.writeUInt32BE(stat.ctimeSec >>> 0, start);
  at = buffer.writeUInt32BE(stat.ctimeNsec, at);
  at = buffer.writeUInt32BE(stat.mtimeSec >>> 0, at);
  at = buffer.writeUInt32BE(stat.mtimeNsec, at);
  at = buffer.writeUInt32BE(stat.dev >>> 0, at);
  buffer.writeUInt32BE(stat.ino >>> 0, at);
  at = buffer.writeUInt32BE(stat.uid >>> 0, start + 28);
  at = buffer.writeUInt32BE(stat.gid >>> 0, at);
  buffer.writeUInt32BE(stat.size >>> 0, at);
}

/** The object name of the entry that begins at `start`. */
export function indexOid(buffer: Buffer, start: number, format: ObjectFormat): Oid {
  return buffer.toString('hex', start + STAT_BYTES, start + STAT_BYTES + format.rawLength) as Oid;
}

/** Whether the entry that begins at `start` has a stat: no file has inode 0 and the times of the epoch. */
export function hasIndexStat(buffer: Buffer, start: number): boolean {
  return (
    buffer.readUInt32BE(start) !== 0 || buffer.readUInt32BE(start + 8) !== 0 || buffer.readUInt32BE(start + 20) !== 0
  );
}

/** The stat of the entry that begins at `start`: what the index has of it, and what follows from the entry. */
export function indexStat(buffer: Buffer, start: number, { mode, size }: { mode: number; size: number }): FileStat {
  return {
    ctimeSec: buffer.readUInt32BE(start),
    ctimeNsec: buffer.readUInt32BE(start + 4),
    mtimeSec: buffer.readUInt32BE(start + 8),
    mtimeNsec: buffer.readUInt32BE(start + 12),
    dev: buffer.readUInt32BE(start + 16),
    ino: buffer.readUInt32BE(start + 20),
    uid: buffer.readUInt32BE(start + 28),
    gid: buffer.readUInt32BE(start + 32),
    size,
    mode: statMode(mode),
    nlink: 1,
  };
}

/** The mode that a file or link of an entry's mode has on most systems. */
export function statMode(mode: number): number {
  return fileType(mode) === SYMLINK ? SYMLINK | 0o777 : mode;
}

function writeContent(buffer: Buffer, start: number, { path, mode, oid }: CachedEntry): void {
  buffer.writeUInt32BE(indexMode(mode), start + 24);
  let at = start + STAT_BYTES;
  at += buffer.write(oid, at, 'hex');
  at = buffer.writeUInt16BE(Math.min(path.length, LENGTH_MASK), at);
  buffer.write(path, at, 'latin1');
}

function indexMode(mode: number): number {
  if (fileType(mode) === SYMLINK) return SYMLINK;
  return FILE | ((mode & 0o100) === 0 ? 0o644 : 0o755);
}
