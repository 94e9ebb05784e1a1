import { createHash } from 'node:crypto';
import { type BytePath, FILE, fileType, SYMLINK } from '../../core/entry.ts';
import type { ObjectFormat, Oid } from '../../core/oid.ts';
import type { FileStat } from '../../core/ports.ts';

/** One entry of an index: a file or a link. */
export interface IndexEntry {
  readonly path: BytePath;
  /** With permission bits; the index keeps whether the owner may execute. */
  readonly mode: number;
  readonly oid: Oid;
  /** Undefined for one that is not vouched for: whoever reads the index must look at the file. */
  readonly stat: FileStat | undefined;
}

const HEADER_BYTES = 12;
/** Before the object name: times, device, inode, mode, owner, group, size, 32 bits each. */
const STAT_BYTES = 40;
const FLAGS_BYTES = 2;
/** Longer names are marked with this length, and end at their NUL. */
const LENGTH_MASK = 0xfff;

/**
 * An index file in git's format, version 2, without extensions.
 *
 * An entry that is not vouched for has a stat of zeros, as `git update-index --cacheinfo` would write it. No file has
 * inode 0, so git takes it for changed, an empty file too.
 *
 * @param entries - sorted by path
 */
export function encodeIndex(entries: readonly IndexEntry[], format: ObjectFormat): Buffer {
  let bytes = HEADER_BYTES + format.rawLength;
  for (const { path } of entries) bytes += entryBytes(path.length, format);
  // Padding and unknown stats are zeros.
  const buffer = Buffer.alloc(bytes);
  buffer.write('DIRC', 0, 'latin1');
  buffer.writeUInt32BE(2, 4);
  buffer.writeUInt32BE(entries.length, 8);
  let at = HEADER_BYTES;
  for (const entry of entries) at = writeEntry(buffer, at, { entry, format });
  createHash(format.name).update(buffer.subarray(0, at)).digest().copy(buffer, at);
  return buffer;
}

function entryBytes(pathLength: number, format: ObjectFormat): number {
  // One to eight NULs end the name and pad to eight bytes.
  return (STAT_BYTES + format.rawLength + FLAGS_BYTES + pathLength + 8) & ~7;
}

function writeEntry(
  buffer: Buffer,
  start: number,
  { entry, format }: { entry: IndexEntry; format: ObjectFormat },
): number {
  const { path, mode, oid, stat } = entry;
  if (stat !== undefined) {
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
  buffer.writeUInt32BE(indexMode(mode), start + 24);
  let at = start + STAT_BYTES;
  at += buffer.write(oid, at, 'hex');
  at = buffer.writeUInt16BE(Math.min(path.length, LENGTH_MASK), at);
  buffer.write(path, at, 'latin1');
  return start + entryBytes(path.length, format);
}

function indexMode(mode: number): number {
  if (fileType(mode) === SYMLINK) return SYMLINK;
  return FILE | ((mode & 0o100) === 0 ? 0o644 : 0o755);
}
