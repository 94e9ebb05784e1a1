import { type ByteString, percentDecode } from '../byte-string.ts';
import type { BytePath } from '../entry.ts';
import { isOid, type Oid, SHA1, SHA256 } from '../oid.ts';
import { refusePath } from '../paths.ts';
import type { FileMark } from './journal.ts';

// Each reads one field of a file of ours, and gives undefined where it is not what was written.

/** An object's name, of either hash. */
export function readOid(value: unknown): Oid | undefined {
  return typeof value === 'string' && (isOid(value, SHA1) || isOid(value, SHA256)) ? value : undefined;
}

/** What {@link FileMark} says, as a list. */
export function readMark(value: unknown): FileMark | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [mtimeSec, mtimeNsec, size, ino] = value as unknown[];
  // A file's time may be before 1970.
  if (!Number.isSafeInteger(mtimeSec) || !isCount(mtimeNsec) || !isCount(size) || !isCount(ino)) return undefined;
  return { mtimeSec: Number(mtimeSec), mtimeNsec, size, ino };
}

/** A path that a snapshot can have. */
export function readPath(value: unknown): BytePath | undefined {
  const path = typeof value === 'string' ? percentDecode(value) : undefined;
  return path === undefined || refusePath(path) !== undefined ? undefined : path;
}

/** Any path below a directory, of names that no snapshot can have as well. */
export function readRelative(value: unknown): ByteString | undefined {
  const path = typeof value === 'string' ? percentDecode(value) : undefined;
  return path?.split('/').every((name) => name !== '' && name !== '.' && name !== '..') ? path : undefined;
}

/** An absolute path. */
export function readAbsolute(value: unknown): ByteString | undefined {
  const path = typeof value === 'string' ? percentDecode(value) : undefined;
  return path?.startsWith('/') && !path.split('/').includes('..') ? path : undefined;
}

/** A list, if each of its items can be read. */
export function readList<T>(value: unknown, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const out: T[] = [];
  for (const item of value) {
    const one = read(item);
    if (one === undefined) return undefined;
    out.push(one);
  }
  return out;
}

/** Whether it is an object of JSON. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it is 0, 1, 2 … */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && Number.isInteger(value);
}
