import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { FileSource } from '../../src/archive/file-source.ts';
import { gather } from '../../src/archive/gather.ts';
import { readTar } from '../../src/archive/tar/read-tar.ts';
import { encodeTarHeader } from '../../src/archive/tar/tar-header.ts';
import { writeTar } from '../../src/archive/tar/write-tar.ts';
import { readZip } from '../../src/archive/zip/read-zip.ts';
import { writeZip } from '../../src/archive/zip/write-zip.ts';
import { DIRECTORY, FILE, SYMLINK } from '../../src/core/entry.ts';
import type { ArchiveMember } from '../../src/core/exchange/port.ts';
import { around } from '../support/governed-repo.ts';
import { tempDir } from '../support/temp-repo.ts';
import { fileDir, leftovers, newRepo } from './backups.ts';

const dir = fileDir();
const temporary = join(dir, 'tmp');
const exported = { tar: join(dir, 'backup.tar'), zip: join(dir, 'backup.zip') };
let top = '';

beforeAll(async () => {
  mkdirSync(temporary);
  const repo = await newRepo(join(dir, 'repo'));
  writeFileSync(join(repo.root, 'a'), 'content of a\n');
  writeFileSync(join(repo.root, 'b'), 'content of b\n');
  mkdirSync(join(repo.root, 'empty'));
  const { set, id } = await repo.take('-m', 'One');
  top = `${set}-${id}`;
  for (const format of ['tar', 'zip'] as const)
    await repo.ok('snapshot', 'export', '--format', format, '-o', exported[format]);
});

type Format = keyof typeof exported;
interface Member extends Omit<ArchiveMember, 'content'> {
  bytes: Buffer;
}

async function readMembers(format: Format): Promise<Member[]> {
  const source = new FileSource(exported[format], format);
  const members: Member[] = [];
  for await (const { content, ...member } of format === 'tar' ? readTar(source) : readZip(source))
    members.push({ ...member, bytes: await gather(content, 1 << 24) });
  source.close();
  return members;
}

/** The archive with other members, as this program would have written it. */
async function rewritten(format: Format, change: (members: Member[]) => Member[]): Promise<string> {
  const members = async function* (): AsyncGenerator<ArchiveMember> {
    for (const { bytes, ...member } of change(await readMembers(format)))
      yield {
        ...member,
        size: bytes.length,
        content: (async function* () {
          yield bytes;
        })(),
      };
  };
  const file = join(tempDir(), `changed.${format}`);
  writeFileSync(file, await gather(format === 'tar' ? writeTar(members()) : writeZip(members()), 1 << 24));
  return file;
}

async function refusal(file: string): Promise<string> {
  const { code, stderr } = await around({ dir: tempDir(), git: () => '' }, { TMPDIR: temporary }).run([
    'snapshot',
    'verify',
    '--bundle',
    file,
  ]);
  expect(leftovers(temporary)).toEqual([]);
  expect(code).toBe(6);
  return stderr;
}

const FORMATS = ['tar', 'zip'] as const;

describe.each(FORMATS)('%s', (format) => {
  const added =
    (path: string, mode = FILE | 0o644, content = 'evil\n') =>
    (members: Member[]): Member[] => [
      ...members,
      { path, mode, size: content.length, atSec: members[0]?.atSec ?? 0, bytes: Buffer.from(content) },
    ];
  const replaced = (name: string, change: Partial<Member>) => (members: Member[]) =>
    members.map((member) => (member.path.endsWith(`/${name}`) ? { ...member, ...change } : member));

  test('written again without a change, it is the same file', async () => {
    const file = await rewritten(format, (members) => members);
    expect(readFileSync(file).equals(readFileSync(exported[format]))).toBe(true);
  });

  test.each<[what: string, change: (members: Member[]) => Member[], says: RegExp]>([
    ['one more file', (all) => added(`${top}/c`)(all), /has '.*\/c', which the snapshot has not/],
    ['a file beside it', added('evil'), /has 'evil', which the snapshot has not/],
    [
      'one more in the directory of the proof',
      added('.snapshot-proof/x'),
      /'.snapshot-proof\/x', which the snapshot has not/,
    ],
    ['a path that climbs', (all) => added(`${top}/../../evil`)(all), /the name '\.\.'/],
    ['an absolute path', added('/tmp/git-snapshot-evil'), /is an absolute path/],
    ['a path into .git', (all) => added(`${top}/.git/config`)(all), /take for '.git'/],
    ['a directory that climbs', (all) => added('../evil', DIRECTORY, '')(all), /the name '\.\.'/],
    ['a link that leads out', (all) => added(`${top}/out`, SYMLINK, '/etc')(all), /which the snapshot has not/],
    ['the same file twice', (all) => [...all, ...all.filter(({ path }) => path === `${top}/a`)], /has '.*\/a' twice/],
    [
      'a file less',
      (all) => all.filter(({ path }) => path !== `${top}/b`),
      /lacks 1 of what the snapshot has, '.*\/b'/,
    ],
    [
      'an empty directory less',
      (all) => all.filter(({ path }) => !path.endsWith('/empty')),
      /lacks 1 of what the snapshot has/,
    ],
    ['other content', replaced('a', { bytes: Buffer.from('content of b\n') }), /'.*\/a' is not what the snapshot has/],
    ['more content', replaced('a', { bytes: Buffer.alloc(10_000_000) }), /more than the 26 bytes that were signed/],
    ['another mode', replaced('a', { mode: FILE | 0o755 }), /has mode 100755, and in the snapshot 100644/],
    ['a set-user-id bit', replaced('a', { mode: FILE | 0o4644 }), /has mode 104644/],
    ['a link for a file', replaced('a', { mode: SYMLINK, bytes: Buffer.from('b') }), /has mode 120000/],
    ['another time', replaced('a', { atSec: 1 }), /has another time/],
    ['no proof', (all) => all.slice(1), /does not begin with its proof/],
    [
      'the proof of nothing',
      (all) => all.map((member, i) => (i === 0 ? { ...member, bytes: Buffer.from('x') } : member)),
      /has no end of its list of refs/,
    ],
    [
      'the proof elsewhere',
      (all) => all.map((member, i) => (i === 0 ? { ...member, path: '.snapshot-proof/other' } : member)),
      /its proof is not where it must be/,
    ],
    ['nothing but the proof', (all) => all.slice(0, 1), /lacks 4 of what the snapshot has/],
  ])('%s is refused', async (_what, change, says) => {
    expect(await refusal(await rewritten(format, change))).toMatch(says);
    expect(existsSync('/tmp/git-snapshot-evil')).toBe(false);
  });
});

test.each(['1', '3', '4', '6', '7', 'L', 'K', 'S', 'g', 'x'])(
  'a tar file with an entry of type %s is refused',
  async (type) => {
    const bytes = readFileSync(exported.tar);
    const header = { path: `${top}/odd`, permissions: 0o644, size: 0, atSec: 1, type, target: 'a' };
    const end = bytes.lastIndexOf('ustar') - 257 + 512;
    const changed = Buffer.concat([bytes.subarray(0, end), encodeTarHeader(header), Buffer.alloc(20 * 512)]);
    const file = join(tempDir(), 'odd.tar');
    writeFileSync(file, changed.subarray(0, Math.floor(changed.length / 10_240) * 10_240));
    expect(await refusal(file)).toMatch(/is neither a file nor a link|is not as "git snapshot export" writes it/);
  },
);

test('a tar file that another program wrote is refused', async () => {
  const file = join(tempDir(), 'odd.tar');
  const script = `
import tarfile,sys
i=tarfile.open(sys.argv[1]); o=tarfile.open(sys.argv[2],'w',format=tarfile.GNU_FORMAT)
for m in i: o.addfile(m, i.extractfile(m) if m.isreg() else None)
o.close()`;
  execFileSync('python3', ['-c', script, exported.tar, file]);
  expect(await refusal(file)).toMatch(/is not as "git snapshot export" writes it/);
});

test('a zip file that another program wrote is refused', async () => {
  const file = join(tempDir(), 'odd.zip');
  const script = `
import zipfile,sys
i=zipfile.ZipFile(sys.argv[1]); o=zipfile.ZipFile(sys.argv[2],'w')
for m in i.infolist(): o.writestr(m, i.read(m))
o.close()`;
  execFileSync('python3', ['-c', script, exported.zip, file]);
  expect(await refusal(file)).toMatch(/is not as "git snapshot export" writes it/);
});

test('a zip file whose list names another file than the entry does is refused', async () => {
  const bytes = readFileSync(exported.zip);
  const at = bytes.indexOf(`${top}/a`);
  bytes[at + top.length + 1] = 'c'.charCodeAt(0);
  const file = join(tempDir(), 'two-names.zip');
  writeFileSync(file, bytes);
  expect(await refusal(file)).toMatch(/is not as "git snapshot export" writes it/);
});

test('a zip bomb is stopped at the size that it says', async () => {
  // The list and both headers say 13 bytes; what is deflated unfolds to 64 MiB.
  const { deflateRawSync } = await import('node:zlib');
  const { encodeCentral, encodeDescriptor, encodeEnd, encodeLocal } = await import(
    '../../src/archive/zip/zip-format.ts'
  );
  const bomb = deflateRawSync(Buffer.alloc(64 << 20));
  const entry = { path: '.snapshot-proof/bomb', mode: FILE | 0o644, atSec: 1, size: 13 };
  const written = { ...entry, crc: 1, compressedSize: bomb.length, offset: 0 };
  const content = Buffer.concat([encodeLocal(entry), bomb, encodeDescriptor(written)]);
  const central = encodeCentral(written);
  const end = encodeEnd({ count: 1, offset: content.length, length: central.length });
  const file = join(tempDir(), 'bomb.zip');
  writeFileSync(file, Buffer.concat([content, central, end]));
  expect(await refusal(file)).toMatch(/bomb' is not as "git snapshot export" writes it/);
});
