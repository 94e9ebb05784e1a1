import { DIRECTORY, fileType, permissions, SYMLINK } from '../../core/entry.ts';
import type { ArchiveMember, Bytes } from '../../core/exchange/port.ts';
import { gather } from '../gather.ts';
import { MAX_LINK_BYTES } from '../limits.ts';
import { BLOCK_BYTES, encodeTarHeader, paddingOf, TYPE } from './tar-header.ts';

// As GNU tar fills up its last record.
const RECORD_BYTES = 20 * BLOCK_BYTES;

/** A tar file: ustar, with pax headers where a path, a target or a size does not fit. Names are bytes, as they are. */
export async function* writeTar(members: AsyncIterable<ArchiveMember>): AsyncGenerator<Uint8Array, void, undefined> {
  let written = 0;
  for await (const member of members) {
    const { path, mode, size, atSec } = member;
    const common = { permissions: permissions(mode), atSec };
    if (fileType(mode) === SYMLINK) {
      const target = (await gather(member.content, MAX_LINK_BYTES)).toString('latin1');
      const header = encodeTarHeader({ ...common, path, permissions: 0o777, size: 0, type: TYPE.link, target });
      written += header.length;
      yield header;
      continue;
    }
    const isDirectory = fileType(mode) === DIRECTORY;
    const header = isDirectory
      ? encodeTarHeader({ ...common, path: `${path}/`, permissions: 0o755, size: 0, type: TYPE.directory, target: '' })
      : encodeTarHeader({ ...common, path, size, type: TYPE.file, target: '' });
    yield header;
    yield* exactly(member.content, size);
    const padding = Buffer.alloc(paddingOf(size));
    if (padding.length > 0) yield padding;
    written += header.length + size + padding.length;
  }
  // Two empty blocks end it, and the record that they are in is filled up.
  const end = 2 * BLOCK_BYTES;
  yield Buffer.alloc(end + ((RECORD_BYTES - ((written + end) % RECORD_BYTES)) % RECORD_BYTES));
}

async function* exactly(content: Bytes, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = size;
  for await (const chunk of content) {
    left -= chunk.length;
    yield chunk;
  }
  if (left !== 0) throw new Error('a member has another size than it said');
}
