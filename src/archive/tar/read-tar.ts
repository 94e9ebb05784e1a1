import type { ByteString } from '../../core/byte-string.ts';
import { displayBytes } from '../../core/byte-string.ts';
import { DIRECTORY, FILE, SYMLINK } from '../../core/entry.ts';
import { MalformedError } from '../../core/errors.ts';
import type { ArchiveMember } from '../../core/exchange/port.ts';
import type { FileSource } from '../file-source.ts';
import { MAX_PAX_BYTES } from '../limits.ts';
import { refuseMemberPath } from '../refuse-member-path.ts';
import type { TarHeader } from './tar-header.ts';
import { BLOCK_BYTES, encodeTarHeader, FIELDS, paddingOf, TYPE } from './tar-header.ts';

/**
 * Reads a tar file as {@link writeTar} writes it, and no other: each header is read, written again, and must be the same.
 * Nothing is extracted.
 *
 * @throws {MalformedError} naming the member
 */
export async function* readTar(source: FileSource): AsyncGenerator<ArchiveMember, void, undefined> {
  let offset = 0;
  for (;;) {
    if (isEmpty(source.read(offset, BLOCK_BYTES))) break;
    const { header, bytes } = readHeader(source, offset);
    const isDirectory = header.type === TYPE.directory;
    if (!encodeTarHeader(header).equals(Buffer.from(bytes))) throw odd(source, header.path);
    const path = isDirectory ? header.path.slice(0, -1) : header.path;
    refuseMemberPath(path, source.what);
    offset += bytes.length;
    const end = offset + header.size + paddingOf(header.size);
    if (end > source.size) throw source.truncated();
    yield memberOf(source, header, { path, offset });
    if (!isEmpty(source.read(offset + header.size, paddingOf(header.size)))) throw odd(source, path);
    offset = end;
  }
  requireEnd(source, offset);
}

function memberOf(
  source: FileSource,
  { type, permissions, size, atSec, target }: TarHeader,
  { path, offset }: { path: ByteString; offset: number },
): ArchiveMember {
  const bytes = Buffer.from(target, 'latin1');
  switch (type) {
    case TYPE.file:
      return { path, mode: FILE | permissions, size, atSec, content: source.stream(offset, size) };
    case TYPE.link:
      return { path, mode: SYMLINK, size: bytes.length, atSec, content: once(bytes) };
    case TYPE.directory:
      return { path, mode: DIRECTORY, size: 0, atSec, content: once(bytes) };
    default:
      throw new MalformedError(source.what, `'${displayBytes(path)}' is neither a file nor a link nor a directory`);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  if (bytes.length > 0) yield bytes;
}

/** A header, with what a pax header before it says, and the bytes of both. */
function readHeader(source: FileSource, offset: number): { header: TarHeader; bytes: Uint8Array } {
  const first = Buffer.from(source.read(offset, BLOCK_BYTES));
  const header = parseBlock(source, first);
  if (header.type !== TYPE.pax) return { header, bytes: first };
  if (header.size > MAX_PAX_BYTES) throw odd(source, header.path);
  const length = header.size + paddingOf(header.size);
  const pax = Buffer.from(source.read(offset + BLOCK_BYTES, length));
  const second = Buffer.from(source.read(offset + BLOCK_BYTES + length, BLOCK_BYTES));
  const bytes = Buffer.concat([first, pax, second]);
  const records = parsePax(pax.toString('latin1', 0, header.size));
  if (records === undefined) throw odd(source, header.path);
  const plain = parseBlock(source, second);
  const size = records.get('size');
  return {
    bytes,
    header: {
      ...plain,
      path: records.get('path') ?? plain.path,
      target: records.get('linkpath') ?? plain.target,
      size: size === undefined ? plain.size : Number(size),
    },
  };
}

function parseBlock(source: FileSource, block: Buffer): TarHeader {
  const text = ([start, length]: readonly [number, number]) => {
    const field = block.toString('latin1', start, start + length);
    const end = field.indexOf('\0');
    return end < 0 ? field : field.slice(0, end);
  };
  const prefix = text(FIELDS.prefix);
  const path = `${prefix}${prefix === '' ? '' : '/'}${text(FIELDS.name)}`;
  const number = (field: readonly [number, number]) => {
    if (!/^[0-7]+$/.test(text(field))) throw odd(source, path);
    return Number.parseInt(text(field), 8);
  };
  return {
    path,
    permissions: number(FIELDS.mode),
    size: number(FIELDS.size),
    atSec: number(FIELDS.time),
    type: text(FIELDS.type),
    target: text(FIELDS.target),
  };
}

/** Undefined where it is no pax header. What else is wrong with it shows when it is written again. */
function parsePax(text: ByteString): ReadonlyMap<string, ByteString> | undefined {
  const records = new Map<string, ByteString>();
  for (let at = 0; at < text.length; ) {
    const [, digits = ''] = /^([1-9][0-9]{0,6}) /.exec(text.slice(at, at + 8)) ?? [];
    const record = text.slice(at + digits.length + 1, at + Number(digits) - 1);
    const equals = record.indexOf('=');
    if (digits === '' || equals < 0) return undefined;
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += Number(digits);
  }
  return records;
}

function requireEnd(source: FileSource, offset: number): void {
  const left = source.size - offset;
  if (left < 2 * BLOCK_BYTES) throw source.truncated();
  const record = 20 * BLOCK_BYTES;
  if (source.size % record !== 0 || left >= 2 * BLOCK_BYTES + record || !isEmpty(source.read(offset, left)))
    throw new MalformedError(source.what, 'has something after its end');
}

function isEmpty(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function odd({ what }: FileSource, path: ByteString): MalformedError {
  return new MalformedError(what, `the entry '${displayBytes(path)}' is not as "git snapshot export" writes it`, {
    hint: 'It was changed, or another program made it. Take the file as it was exported.',
  });
}
