import type { ObjectType } from '../../core/oid.ts';

/** Content of this size and above is streamed; smaller content is handled in one piece. */
export const LARGE_BYTES = 4 * 1024 * 1024;

/** Type codes of pack entries (gitformat-pack(5)). Codes above 4 are deltas. */
export const PACK_TYPES: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };

export const PACK_HEADER_BYTES = 12;

/** The first bytes of a pack of version 2. */
export function packHeader(objects: number): Buffer {
  const header = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
  header.writeUInt32BE(objects, 8);
  return header;
}

/** Type and size before an entry's data: 4 bits of the size, then 7 a byte. Sizes above 2^32 need arithmetic, not bit shifts. */
export function entryHeader(type: ObjectType, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (PACK_TYPES[type] << 4) | (size % 16);
  let rest = Math.floor(size / 16);
  while (rest > 0) {
    bytes.push(byte | 0x80);
    byte = rest % 128;
    rest = Math.floor(rest / 128);
  }
  bytes.push(byte);
  return Buffer.from(bytes);
}

/** What stands before an entry's data. */
export interface EntryHeader {
  readonly typeCode: number;
  /** Of the content, in bytes. */
  readonly size: number;
  /** Of the header itself, in bytes. */
  readonly length: number;
}

/** 4 bits of the size, and then 7 a byte: enough for any. */
export const MAX_HEADER_BYTES = 32;

/** Reads what {@link entryHeader} writes; undefined where the bytes end too early. */
export function parseEntryHeader(bytes: Uint8Array): EntryHeader | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  let size = first & 0x0f;
  let unit = 16;
  let length = 1;
  for (let byte = first; byte & 0x80; unit *= 128) {
    const next = bytes[length++];
    if (next === undefined) return undefined;
    size += (next & 0x7f) * unit;
    byte = next;
  }
  return { typeCode: (first >> 4) & 7, size, length };
}
