import { crc32, createDeflateRaw, deflateRawSync } from 'node:zlib';
import { DIRECTORY, fileType } from '../../core/entry.ts';
import type { ArchiveMember, Bytes } from '../../core/exchange/port.ts';
import { gather } from '../gather.ts';
import type { WrittenEntry, ZipEntry } from './zip-format.ts';
import { encodeCentral, encodeDescriptor, encodeEnd, encodeLocal, unixMode } from './zip-format.ts';

// Smaller ones are deflated in one piece: a stream for each would take longer than the work.
const WHOLE_BYTES = 1024 * 1024;
const LEVEL = 6;

/** A zip file: deflated, with modes and links as Unix has them, exact times, and 64 bits where they are needed. */
export async function* writeZip(members: AsyncIterable<ArchiveMember>): AsyncGenerator<Uint8Array, void, undefined> {
  let offset = 0;
  const centrals: Buffer[] = [];
  let centralBytes = 0;
  for await (const member of members) {
    const isDirectory = fileType(member.mode) === DIRECTORY;
    const { atSec, size } = member;
    const mode = unixMode(member.mode);
    const entry: ZipEntry = { path: isDirectory ? `${member.path}/` : member.path, mode, atSec, size };
    const local = encodeLocal(entry);
    yield local;
    const counted = { crc: 0, size: 0, compressedSize: 0 };
    if (!isDirectory) {
      for await (const chunk of deflated(counting(member.content, counted), size)) {
        counted.compressedSize += chunk.length;
        yield chunk;
      }
    }
    if (counted.size !== size) throw new Error('a member has another size than it said');
    const written: WrittenEntry = { ...entry, ...counted, offset };
    const descriptor = encodeDescriptor(written);
    if (descriptor.length > 0) yield descriptor;
    offset += local.length + counted.compressedSize + descriptor.length;
    const central = encodeCentral(written);
    centrals.push(central);
    centralBytes += central.length;
  }
  for (const central of centrals) yield central;
  yield encodeEnd({ count: centrals.length, offset, length: centralBytes });
}

async function* counting(
  content: Bytes,
  counted: { crc: number; size: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of content) {
    counted.crc = crc32(chunk, counted.crc);
    counted.size += chunk.length;
    yield chunk;
  }
}

async function* deflated(content: Bytes, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  if (size <= WHOLE_BYTES) {
    yield deflateRawSync(await gather(content, size), { level: LEVEL });
    return;
  }
  const { Readable, pipeline } = process.getBuiltinModule('node:stream');
  const deflate = createDeflateRaw({ level: LEVEL });
  // What goes wrong in the source comes out at the end of the stream.
  pipeline(Readable.from(content), deflate, () => undefined);
  for await (const chunk of deflate) yield chunk as Uint8Array;
}
