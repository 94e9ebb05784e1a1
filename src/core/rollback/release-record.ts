import { percentEncode } from '../byte-string.ts';
import type { BytePath } from '../entry.ts';
import { readJsonObject } from '../json-object.ts';
import type { Oid } from '../oid.ts';
import { type FileMark, numbersOf } from './journal.ts';
import { readList, readMark, readOid, readRelative } from './read-fields.ts';

/**
 * What a release held when it was made, or when another took its place: whatever of it differs when it is removed, a
 * program has written since, and no snapshot has it.
 */
export interface ReleaseRecord {
  /** Files and links that a snapshot holds. */
  readonly content: ReadonlyMap<BytePath, { readonly oid: Oid; readonly mark: FileMark }>;
  /** Files and links that are in no snapshot, and that the next release has too. */
  readonly others: ReadonlyMap<BytePath, FileMark>;
}

const FORMAT = 1;

/** Prints a record. */
export function formatReleaseRecord({ content, others }: ReleaseRecord): string {
  return `${JSON.stringify({
    format: FORMAT,
    content: [...content].map(([path, { oid, mark }]) => [percentEncode(path), oid, numbersOf(mark)]),
    others: [...others].map(([path, mark]) => [percentEncode(path), numbersOf(mark)]),
  })}\n`;
}

/** Reads a record; undefined for what this version would not have written. */
export function parseReleaseRecord(text: string): ReleaseRecord | undefined {
  const record = readJsonObject(text) ?? {};
  const content = readList(record['content'], readContent);
  const others = readList(record['others'], readOther);
  if (content === undefined || others === undefined) return undefined;
  const read: ReleaseRecord = { content: new Map(content), others: new Map(others) };
  return formatReleaseRecord(read) === text ? read : undefined;
}

function readContent(value: unknown): [BytePath, { oid: Oid; mark: FileMark }] | undefined {
  const [encoded, name, numbers] = Array.isArray(value) ? (value as unknown[]) : [];
  const path = readRelative(encoded);
  const oid = readOid(name);
  const mark = readMark(numbers);
  return path === undefined || oid === undefined || mark === undefined ? undefined : [path, { oid, mark }];
}

function readOther(value: unknown): [BytePath, FileMark] | undefined {
  const [encoded, numbers] = Array.isArray(value) ? (value as unknown[]) : [];
  const path = readRelative(encoded);
  const mark = readMark(numbers);
  return path === undefined || mark === undefined ? undefined : [path, mark];
}
