import type { ByteString } from '../../core/byte-string.ts';
import { MalformedError } from '../../core/errors.ts';
import type { FileSource } from '../file-source.ts';
import { MAX_MEMBER_PATH_BYTES } from '../limits.ts';
import type { WrittenEntry } from './zip-format.ts';
import { CENTRAL_BYTES, END_64_BYTES, END_BYTES, encodeCentral, encodeEnd } from './zip-format.ts';

const MAX_32 = 0xffff_ffff;
const MAX_EXTRA_BYTES = 64;

/** Where the list of entries is, and that nothing follows it. @throws {MalformedError} */
export function readEnd(source: FileSource): { count: number; offset: number; length: number } {
  if (source.size < END_BYTES) throw source.truncated();
  const end = source.read(source.size - END_BYTES, END_BYTES);
  const small = { count: end.readUInt16LE(10), length: end.readUInt32LE(12), offset: end.readUInt32LE(16) };
  const found = small.count === 0xffff && source.size >= END_64_BYTES + END_BYTES ? bigEnd(source) : small;
  const expected = encodeEnd(found);
  const start = found.offset + found.length;
  if (start + expected.length === source.size && expected.equals(source.read(start, expected.length))) return found;
  throw new MalformedError(source.what, 'ends in another way than "git snapshot export" ends a zip file', {
    hint: 'It was cut short or changed. Copy it again from where it came.',
  });
}

function bigEnd(source: FileSource): { count: number; offset: number; length: number } {
  const end = source.read(source.size - END_BYTES - END_64_BYTES, END_64_BYTES);
  return { count: wide(source, end, 32), length: wide(source, end, 40), offset: wide(source, end, 48) };
}

/** One entry of the list, and how long it is there. @throws {MalformedError} unless it is as we write it */
export function parseCentral(source: FileSource, at: number, end: number): { entry: WrittenEntry; bytes: number } {
  const odd = () => new MalformedError(source.what, 'its list of entries is not as "git snapshot export" writes it');
  if (at + CENTRAL_BYTES > end) throw odd();
  const fixed = Buffer.from(source.read(at, CENTRAL_BYTES));
  const nameBytes = fixed.readUInt16LE(28);
  const extraBytes = fixed.readUInt16LE(30);
  const bytes = CENTRAL_BYTES + nameBytes + extraBytes;
  if (nameBytes > MAX_MEMBER_PATH_BYTES || extraBytes > MAX_EXTRA_BYTES || at + bytes > end) throw odd();
  const rest = Buffer.from(source.read(at + CENTRAL_BYTES, nameBytes + extraBytes));
  const path: ByteString = rest.toString('latin1', 0, nameBytes);
  const extra = rest.subarray(nameBytes);
  const size = fixed.readUInt32LE(24);
  const compressedSize = fixed.readUInt32LE(20);
  const offset = fixed.readUInt32LE(42);
  // In this order, those of them that do not fit.
  let next = 4;
  const wider = (value: number) => {
    if (value !== MAX_32 || next + 8 > extra.length) return value;
    next += 8;
    return wide(source, extra, next - 8);
  };
  // The extra field with the time is the last one, and the time is its end.
  if (extraBytes < 9) throw odd();
  const entry: WrittenEntry = {
    path,
    mode: fixed.readUInt16LE(40),
    atSec: extra.readUInt32LE(extraBytes - 4),
    crc: fixed.readUInt32LE(16),
    size: wider(size),
    compressedSize: wider(compressedSize),
    offset: wider(offset),
  };
  if (!encodeCentral(entry).equals(Buffer.concat([fixed, rest]))) throw odd();
  return { entry, bytes };
}

function wide(source: FileSource, buffer: Buffer, at: number): number {
  const value = buffer.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw source.truncated();
  return Number(value);
}
