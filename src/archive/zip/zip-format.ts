import type { ByteString } from '../../core/byte-string.ts';
import { utf8Decode } from '../../core/byte-string.ts';
import { DIRECTORY, fileType, SYMLINK } from '../../core/entry.ts';

/** How content is kept. */
const METHOD = { stored: 0, deflated: 8 } as const;

/** Sizes from here on are written in 64 bits: what is smaller cannot come to more than 32 bits when it is deflated. */
const BIG_BYTES = 0xf000_0000;

/** An entry as headers tell of it. */
export interface ZipEntry {
  /** A directory's ends in a slash. */
  readonly path: ByteString;
  /** With the type bits. */
  readonly mode: number;
  readonly atSec: number;
  readonly size: number;
}

/** What is known of an entry once its content was written. */
export interface WrittenEntry extends ZipEntry {
  readonly crc: number;
  readonly compressedSize: number;
  /** Of its local header. */
  readonly offset: number;
}

const SIGNATURES = { local: 0x04034b50, descriptor: 0x08074b50, central: 0x02014b50 } as const;
const END = { end64: 0x06064b50, locator64: 0x07064b50, end: 0x06054b50 } as const;
const UNIX = 3;
const VERSION = 20;
const VERSION_64 = 45;
const DESCRIPTOR_FOLLOWS = 1 << 3;
const NAME_IS_UTF8 = 1 << 11;
const DIRECTORY_ATTRIBUTE = 0x10;
const MAX_32 = 0xffff_ffff;
const MAX_16 = 0xffff;
const EXTRA = { zip64: 0x0001, time: 0x5455 } as const;

/** Sizes of the parts that do not depend on the entry. */
export const CENTRAL_BYTES = 46;
export const END_BYTES = 22;
export const END_64_BYTES = 56 + 20;

/** Little-endian fields of 2, 4 and 8 bytes, one after the other. */
function fields(...list: readonly (readonly [bytes: 2 | 4 | 8, value: number])[]): Buffer {
  const buffer = Buffer.alloc(list.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of list) {
    if (bytes === 2) buffer.writeUInt16LE(value, at);
    else if (bytes === 4) buffer.writeUInt32LE(value, at);
    else buffer.writeBigUInt64LE(BigInt(value), at);
    at += bytes;
  }
  return buffer;
}

/** The mode that programs expect: no link and no directory of a snapshot has permissions of its own. */
export function unixMode(mode: number): number {
  if (fileType(mode) === SYMLINK) return SYMLINK | 0o777;
  return fileType(mode) === DIRECTORY ? DIRECTORY | 0o755 : mode;
}

/** How its content is kept: there is nothing to deflate in a directory. */
function methodOf({ mode }: Pick<ZipEntry, 'mode'>): number {
  return fileType(mode) === DIRECTORY ? METHOD.stored : METHOD.deflated;
}

function flagsOf({ path, mode }: ZipEntry): number {
  const name = /^[\x20-\x7e]*$/.test(path) || utf8Decode(path) === undefined ? 0 : NAME_IS_UTF8;
  return name | (fileType(mode) === DIRECTORY ? 0 : DESCRIPTOR_FOLLOWS);
}

/** In MS-DOS's calendar, which has no zone (UTC here), begins in 1980, and counts every other second. */
function dosTime(atSec: number): readonly [time: number, date: number] {
  const at = new Date(Math.min(Math.max(atSec, Date.UTC(1980) / 1000), Date.UTC(2107, 11, 31) / 1000) * 1000);
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  return [time, date];
}

/** The exact time, for those who read it: seconds since the epoch. */
function timeExtra(atSec: number): Buffer {
  return Buffer.concat([fields([2, EXTRA.time], [2, 5]), Buffer.from([1]), fields([4, Math.min(atSec, 0x7fff_ffff)])]);
}

/** What stands before an entry's content. Checksum and sizes follow the content, but for a size of 64 bits. */
export function encodeLocal(entry: ZipEntry): Buffer {
  const isBig = entry.size >= BIG_BYTES;
  const name = Buffer.from(entry.path, 'latin1');
  const extra = Buffer.concat([
    isBig ? fields([2, EXTRA.zip64], [2, 16], [8, 0], [8, 0]) : Buffer.alloc(0),
    timeExtra(entry.atSec),
  ]);
  const [time, date] = dosTime(entry.atSec);
  const size = isBig ? MAX_32 : 0;
  return Buffer.concat([
    fields(
      [4, SIGNATURES.local],
      [2, isBig ? VERSION_64 : VERSION],
      [2, flagsOf(entry)],
      [2, methodOf(entry)],
      [2, time],
      [2, date],
      [4, 0],
      [4, size],
      [4, size],
      [2, name.length],
      [2, extra.length],
    ),
    name,
    extra,
  ]);
}

/** What follows an entry's content; nothing where there is none. */
export function encodeDescriptor(entry: Omit<WrittenEntry, 'offset'>): Buffer {
  if (fileType(entry.mode) === DIRECTORY) return Buffer.alloc(0);
  const bytes = entry.size >= BIG_BYTES ? 8 : 4;
  return fields([4, SIGNATURES.descriptor], [4, entry.crc], [bytes, entry.compressedSize], [bytes, entry.size]);
}

/** An entry of the list at the end. */
export function encodeCentral(entry: WrittenEntry): Buffer {
  const isBig = entry.size >= BIG_BYTES;
  const isFar = entry.offset >= MAX_32;
  const big: [8, number][] = [
    ...(isBig
      ? ([
          [8, entry.size],
          [8, entry.compressedSize],
        ] as [8, number][])
      : []),
    ...(isFar ? ([[8, entry.offset]] as [8, number][]) : []),
  ];
  const extra = Buffer.concat([
    big.length > 0 ? fields([2, EXTRA.zip64], [2, 8 * big.length], ...big) : Buffer.alloc(0),
    timeExtra(entry.atSec),
  ]);
  const name = Buffer.from(entry.path, 'latin1');
  const version = isBig || isFar ? VERSION_64 : VERSION;
  const [time, date] = dosTime(entry.atSec);
  const attributes = entry.mode * 0x1_0000 + (fileType(entry.mode) === DIRECTORY ? DIRECTORY_ATTRIBUTE : 0);
  return Buffer.concat([
    fields(
      [4, SIGNATURES.central],
      [2, (UNIX << 8) | version],
      [2, version],
      [2, flagsOf(entry)],
      [2, methodOf(entry)],
      [2, time],
      [2, date],
      [4, entry.crc],
      [4, isBig ? MAX_32 : entry.compressedSize],
      [4, isBig ? MAX_32 : entry.size],
      [2, name.length],
      [2, extra.length],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, attributes],
      [4, isFar ? MAX_32 : entry.offset],
    ),
    name,
    extra,
  ]);
}

/** What is at the very end: where the list is. */
export function encodeEnd({ count, offset, length }: { count: number; offset: number; length: number }): Buffer {
  const isBig = count >= MAX_16 || offset >= MAX_32 || length >= MAX_32;
  const end = fields(
    [4, END.end],
    [2, 0],
    [2, 0],
    [2, isBig ? MAX_16 : count],
    [2, isBig ? MAX_16 : count],
    [4, isBig ? MAX_32 : length],
    [4, isBig ? MAX_32 : offset],
    [2, 0],
  );
  if (!isBig) return end;
  return Buffer.concat([
    fields(
      [4, END.end64],
      [8, 44],
      [2, (UNIX << 8) | VERSION_64],
      [2, VERSION_64],
      [4, 0],
      [4, 0],
      [8, count],
      [8, count],
      [8, length],
      [8, offset],
    ),
    fields([4, END.locator64], [4, 0], [8, offset + length], [4, 1]),
    end,
  ]);
}
