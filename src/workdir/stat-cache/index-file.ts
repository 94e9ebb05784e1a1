import { createHash } from 'node:crypto';
import { FILE, fileType, SYMLINK } from '../../core/entry.ts';
import type { ObjectFormat } from '../../core/oid.ts';
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

/** The whole file, without extensions. */
export function finishIndex(
  entries: readonly Uint8Array[],
  { count, format }: { count: number; format: ObjectFormat },
): Buffer {
  const header = Buffer.alloc(INDEX_HEADER_BYTES);
  header.write('DIRC', 0, 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(count, 8);
  const file = Buffer.concat([header, ...entries, Buffer.alloc(format.rawLength)]);
  const end = file.length - format.rawLength;
  createHash(format.name).update(file.subarray(0, end)).digest().copy(file, end);
  return file;
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
