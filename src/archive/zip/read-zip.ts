import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import type { ByteString } from '../../core/byte-string.ts';
import { displayBytes } from '../../core/byte-string.ts';
import { DIRECTORY, FILE, fileType, SYMLINK } from '../../core/entry.ts';
import { MalformedError } from '../../core/errors.ts';
import type { ArchiveMember } from '../../core/exchange/port.ts';
import type { FileSource } from '../file-source.ts';
import { refuseMemberPath } from '../refuse-member-path.ts';
import { parseCentral, readEnd } from './read-central.ts';
import type { WrittenEntry } from './zip-format.ts';
import { encodeDescriptor, encodeLocal, unixMode } from './zip-format.ts';

// As the writer does it.
const WHOLE_BYTES = 1024 * 1024;

/**
 * Reads a zip file as {@link writeZip} writes it, and no other: entries one after the other with nothing between them, each
 * told of in the same words before its content, after it, and in the list at the end. Nothing is extracted.
 *
 * @throws {MalformedError} naming the member
 */
export async function* readZip(source: FileSource): AsyncGenerator<ArchiveMember, void, undefined> {
  const { count, offset: listStart, length } = readEnd(source);
  let at = listStart;
  let offset = 0;
  for (let i = 0; i < count; i++) {
    const { entry, bytes } = parseCentral(source, at, listStart + length);
    at += bytes;
    const isDirectory = fileType(entry.mode) === DIRECTORY;
    const path = isDirectory && entry.path.endsWith('/') ? entry.path.slice(0, -1) : entry.path;
    refuseMemberPath(path, source.what);
    const type = fileType(entry.mode);
    const mode = type === FILE ? entry.mode : type;
    if ((type !== FILE && type !== SYMLINK && type !== DIRECTORY) || unixMode(mode) !== entry.mode)
      throw new MalformedError(source.what, `'${displayBytes(path)}' is neither a file nor a link nor a directory`);
    const local = encodeLocal(entry);
    const descriptor = encodeDescriptor(entry);
    const content = offset + local.length;
    const end = content + entry.compressedSize + descriptor.length;
    const isThere =
      entry.offset === offset &&
      end <= listStart &&
      local.equals(source.read(offset, local.length)) &&
      descriptor.equals(source.read(end - descriptor.length, descriptor.length)) &&
      (!isDirectory || (entry.size === 0 && entry.compressedSize === 0 && entry.crc === 0));
    if (!isThere) throw odd(source, path);
    const { size, atSec } = entry;
    yield { path, mode, size, atSec, content: isDirectory ? nothing() : inflated(source, entry, content) };
    offset = end;
  }
  if (offset !== listStart || at !== listStart + length)
    throw new MalformedError(source.what, 'has something in it that its list does not name');
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}

async function* inflated(
  source: FileSource,
  entry: WrittenEntry,
  offset: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  let crc = 0;
  try {
    for await (const chunk of inflate(source, entry, offset)) {
      size += chunk.length;
      // Before it is passed on: a small file can unfold to more than any disk holds.
      if (size > entry.size) throw odd(source, entry.path);
      crc = crc32(chunk, crc);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^(?:Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code)))
      throw odd(source, entry.path);
    throw error;
  }
  if (size !== entry.size || crc !== entry.crc) throw odd(source, entry.path);
}

async function* inflate(
  source: FileSource,
  { path, size, compressedSize }: WrittenEntry,
  offset: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (size <= WHOLE_BYTES && compressedSize <= WHOLE_BYTES) {
    const compressed = Buffer.from(source.read(offset, compressedSize));
    const { buffer, engine } = inflateRawSync(compressed, {
      maxOutputLength: Math.max(size, 1),
      info: true,
    }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten !== compressedSize) throw odd(source, path);
    yield buffer;
    return;
  }
  const { Readable, pipeline } = process.getBuiltinModule('node:stream');
  const stream = createInflateRaw();
  pipeline(Readable.from(source.stream(offset, compressedSize)), stream, () => undefined);
  for await (const chunk of stream) yield chunk as Uint8Array;
  if (stream.bytesWritten !== compressedSize) throw odd(source, path);
}

function odd({ what }: FileSource, path: ByteString): MalformedError {
  return new MalformedError(what, `the entry '${displayBytes(path)}' is not as "git snapshot export" writes it`, {
    hint: 'It was changed, or another program made it. Take the file as it was exported.',
  });
}
