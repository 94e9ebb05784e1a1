import { type ByteString, percentDecode } from '../byte-string.ts';
import type { BytePath } from '../entry.ts';
import { SnapshotError } from '../errors.ts';
import { isOid, type Oid, SHA1, SHA256 } from '../oid.ts';
import { refusePath } from '../paths.ts';
import { type FileMark, formatJournal, JOURNAL_FORMAT, type Journal, type JournalStep } from './journal.ts';
import { STAGING_PREFIX } from './port.ts';

/**
 * Reads a journal. What this version would not have written is refused: a wrong guess could cost files.
 *
 * @param name - of the file, for messages
 * @throws {SnapshotError} of kind `unfinished`
 */
export function parseJournal(text: string, name: string): Journal {
  const refuse = (reason: string, cause?: unknown) =>
    new SnapshotError('unfinished', `cannot read the rollback journal '${name}': ${reason}`, {
      hint: `Use the version of git-snapshot that wrote it. To go on by hand: the replaced files are in 'old', the new ones in 'new', of the directory '*.staging' beside the journal, or else '${STAGING_PREFIX}*' in or beside the set. Copy what you need out of there, and only then remove '${name}'.`,
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse('not JSON', error);
    throw error;
  }
  if (!isRecord(value)) throw refuse('not an object');
  if (value['format'] !== JOURNAL_FORMAT) throw refuse(`format ${JSON.stringify(value['format'])} is not known`);
  const journal = readJournal(value);
  // Printing it again catches every field that is missing, unknown or written another way.
  if (journal === undefined || formatJournal(journal) !== text) throw refuse('a field is missing or wrong');
  return journal;
}

function readJournal(value: Record<string, unknown>): Journal | undefined {
  const { operation, set, from, to, startedAtSec, context, stagedBefore, madeDirs, steps } = value;
  const root = readAbsolute(value['root']);
  const staging = readAbsolute(value['staging']);
  if (typeof operation !== 'string' || !/^[0-9a-f]{8,64}$/.test(operation)) return undefined;
  if (typeof set !== 'string' || typeof to !== 'string' || (from !== null && typeof from !== 'string'))
    return undefined;
  if (!isCount(startedAtSec) || !isRecord(context)) return undefined;
  const strings = readStrings(context);
  if (root === undefined || staging === undefined || strings === undefined) return undefined;
  const dirs = readList(madeDirs, readAbsolute);
  const read = readList(steps, readStep);
  const [sec, nsec, ...rest] = Array.isArray(stagedBefore) ? stagedBefore : [];
  if (dirs === undefined || read === undefined || !isCount(sec) || !isCount(nsec) || rest.length > 0) return undefined;
  return {
    operation,
    set,
    from: from ?? undefined,
    to,
    startedAtSec,
    context: strings,
    root,
    staging,
    madeDirs: dirs,
    stagedBefore: { sec, nsec },
    steps: read,
  };
}

function readStrings(value: Record<string, unknown>): Record<string, string> | undefined {
  const pairs: [string, string][] = [];
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') return undefined;
    pairs.push([key, text]);
  }
  return Object.fromEntries(pairs);
}

function readStep(value: unknown): JournalStep | undefined {
  if (!Array.isArray(value)) return undefined;
  const [kind, encoded, a, b, c] = value as unknown[];
  const path = readPath(encoded);
  if (path === undefined) return undefined;
  if (kind === 'remove' && typeof a === 'boolean') {
    const was = readList(b, readMember);
    return was === undefined ? undefined : { kind, path, tree: a, was };
  }
  if (kind === 'create' && typeof a === 'boolean') {
    const mark = readMark(b);
    return mark === undefined ? undefined : { kind, path, tree: a, mark };
  }
  if (kind === 'replace') {
    const was = readMark(a);
    const oid = readOid(b);
    const mark = readMark(c);
    return was === undefined || oid === undefined || mark === undefined ? undefined : { kind, path, was, oid, mark };
  }
  if (kind === 'chmod' && isCount(b) && isCount(c)) {
    const mark = readMark(a);
    return mark === undefined ? undefined : { kind, path, mark, from: b, to: c };
  }
  return undefined;
}

function readMember(value: unknown): { path: BytePath; oid: Oid } | undefined {
  if (!Array.isArray(value)) return undefined;
  const path = readPath(value[0]);
  const oid = readOid(value[1]);
  return path === undefined || oid === undefined ? undefined : { path, oid };
}

function readOid(value: unknown): Oid | undefined {
  return typeof value === 'string' && (isOid(value, SHA1) || isOid(value, SHA256)) ? value : undefined;
}

function readMark(value: unknown): FileMark | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [mtimeSec, mtimeNsec, size, ino] = value as unknown[];
  // A file's time may be before 1970.
  if (!Number.isSafeInteger(mtimeSec) || !isCount(mtimeNsec) || !isCount(size) || !isCount(ino)) return undefined;
  return { mtimeSec: Number(mtimeSec), mtimeNsec, size, ino };
}

function readPath(value: unknown): BytePath | undefined {
  const path = typeof value === 'string' ? percentDecode(value) : undefined;
  return path === undefined || refusePath(path) !== undefined ? undefined : path;
}

function readAbsolute(value: unknown): ByteString | undefined {
  const path = typeof value === 'string' ? percentDecode(value) : undefined;
  return path?.startsWith('/') && !path.split('/').includes('..') ? path : undefined;
}

function readList<T>(value: unknown, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const out: T[] = [];
  for (const item of value) {
    const one = read(item);
    if (one === undefined) return undefined;
    out.push(one);
  }
  return out;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && Number.isInteger(value);
}
