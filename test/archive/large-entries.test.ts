import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FileSource } from '../../src/archive/file-source.ts';
import { gather } from '../../src/archive/gather.ts';
import { readTar } from '../../src/archive/tar/read-tar.ts';
import { encodeTarHeader } from '../../src/archive/tar/tar-header.ts';
import { writeTar } from '../../src/archive/tar/write-tar.ts';
import { parseCentral, readEnd } from '../../src/archive/zip/read-central.ts';
import { readZip } from '../../src/archive/zip/read-zip.ts';
import { writeZip } from '../../src/archive/zip/write-zip.ts';
import { encodeCentral, encodeEnd } from '../../src/archive/zip/zip-format.ts';
import { DIRECTORY, FILE, SYMLINK } from '../../src/core/entry.ts';
import type { ArchiveMember } from '../../src/core/exchange/port.ts';
import { tempDir } from '../support/temp-repo.ts';

// Files of this size are not made here: their headers are, and other programs read them.
const TEN_GIB = 10 * 1024 ** 3;

test('python reads the size of a large file in a tar header', () => {
  const file = join(tempDir(), 'large.tar');
  const header = encodeTarHeader({
    path: 'x/large',
    permissions: 0o644,
    size: TEN_GIB,
    atSec: 1,
    type: '0',
    target: '',
  });
  writeFileSync(file, header);
  const script = 'import tarfile,sys; print(tarfile.open(sys.argv[1]).next().size)';
  expect(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }).trim()).toBe(String(TEN_GIB));
});

test('python reads sizes and places of large files in the list of a zip file, and so do we', () => {
  const file = join(tempDir(), 'large.zip');
  const common = { mode: FILE | 0o644, atSec: 1_700_000_000, crc: 7 };
  // As if ten gigabytes of the file were left out: only the list and the end are there.
  const entries = [
    { ...common, path: 'large', size: TEN_GIB, compressedSize: TEN_GIB - 1, offset: 0 },
    { ...common, path: 'far', size: 5, compressedSize: 7, offset: TEN_GIB + 50 },
  ];
  const centrals = entries.map(encodeCentral);
  const list = Buffer.concat(centrals);
  writeFileSync(file, Buffer.concat([list, encodeEnd({ count: 2, offset: TEN_GIB + 100, length: list.length })]));
  const script = `
import zipfile,sys
from zipfile import ZipInfo
import struct
d=open(sys.argv[1],'rb').read()
at=0
for _ in range(2):
  c=struct.unpack(zipfile.structCentralDir, d[at:at+46]); n,e=c[12],c[13]
  i=ZipInfo('x'); i.extra=d[at+46+n:at+46+n+e]; i.compress_size,i.file_size,i.header_offset=c[10],c[11],c[18]
  i._decodeExtra(); print(i.file_size,i.compress_size,i.header_offset); at+=46+n+e`;
  expect(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }).trim().split('\n')).toEqual([
    `${TEN_GIB} ${TEN_GIB - 1} 0`,
    `5 7 ${TEN_GIB + 50}`,
  ]);
  const source = new FileSource(file, 'it');
  const first = parseCentral(source, 0, list.length);
  expect(first.entry).toEqual(entries[0]);
  expect(parseCentral(source, first.bytes, list.length).entry).toEqual(entries[1]);
  // Its list is not where it says.
  expect(() => readEnd(source)).toThrow(/ends in another way|ends too early/);
  source.close();
});

const name = fc.stringMatching(/^[a-zA-Z0-9 \u00e0-\u00ff-]{1,60}$/);
const members = fc.uniqueArray(
  fc.record({
    path: fc.array(name, { minLength: 1, maxLength: 6 }).map((names) => names.join('/')),
    kind: fc.constantFrom(FILE | 0o644, FILE | 0o600, FILE | 0o755, SYMLINK, DIRECTORY),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 2000 }),
    atSec: fc.integer({ min: 0, max: 0x7fff_ffff }),
  }),
  { selector: ({ path }) => path, maxLength: 6 },
);

test.each([
  ['tar', writeTar, readTar],
  ['zip', writeZip, readZip],
] as const)('%s: what is written is read again, whatever it is', async (_format, write, read) => {
  const file = join(tempDir(), 'archive');
  await fc.assert(
    fc.asyncProperty(members, async (list) => {
      const wanted = list.map(({ path, kind, bytes, atSec }) => {
        const content =
          kind === DIRECTORY ? Buffer.alloc(0) : Buffer.from(bytes).map((byte) => (kind === SYMLINK ? byte | 1 : byte));
        return { path, mode: kind, size: content.length, atSec, content: Buffer.from(content) };
      });
      const given = async function* (): AsyncGenerator<ArchiveMember> {
        for (const member of wanted)
          yield {
            ...member,
            content: (async function* () {
              if (member.size > 0) yield member.content;
            })(),
          };
      };
      writeFileSync(file, await gather(write(given()), 1 << 24));
      const source = new FileSource(file, 'it');
      const found = [];
      for await (const member of read(source))
        found.push({ ...member, content: await gather(member.content, 1 << 20) });
      source.close();
      expect(found).toEqual(wanted);
    }),
    { numRuns: 60 },
  );
});
