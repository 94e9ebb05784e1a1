import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runApart } from '../support/governed-repo.ts';
import { tempDir } from '../support/temp-repo.ts';
import type { Backups } from './backups.ts';
import { contentOf, fileDir, makeBackups } from './backups.ts';

const dir = fileDir();
let backups: Backups;

beforeAll(async () => {
  backups = await makeBackups(dir);
});

/** Extracts an archive with a program, and gives what is in the directory of the snapshot. */
function extracted(program: string, ...args: string[]): Map<string, string> {
  const { set, id } = backups.snapshot;
  const into = tempDir();
  execFileSync(program, args, { cwd: into, stdio: ['ignore', 'pipe', 'pipe'] });
  return contentOf(join(into, `${set}-${id}`));
}

const PYTHON_TAR = 'import tarfile,sys\ntarfile.open(sys.argv[1]).extractall(".")';

describe('tar', () => {
  test('extracts to the very files with tar', () => {
    expect(extracted('tar', 'xf', backups.files.tar)).toEqual(contentOf(backups.repo.root));
  });

  test('extracts to the very files with python', () => {
    expect(extracted('python3', '-c', PYTHON_TAR, backups.files.tar)).toEqual(contentOf(backups.repo.root));
  });

  test('says no owner, and the time of the snapshot', () => {
    const [first = '', ...more] = execFileSync('tar', ['tvf', backups.files.tar, '--numeric-owner', '--full-time'], {
      encoding: 'latin1',
      env: { ...process.env, TZ: 'UTC' },
    }).split('\n');
    const time = backups.snapshot.takenAt.replace('T', ' ').replace('Z', '');
    expect(first).toContain(` 0/0 `);
    for (const line of [first, ...more].filter((text) => text !== '' && /^[-dl]/.test(text)))
      expect(line).toMatch(new RegExp(` 0/0 +\\d+ ${time} `));
  });
});

describe('zip', () => {
  test('extracts to the very files with unzip', () => {
    // It writes no names that are not UTF-8: those are for tar.
    const utf8 = (content: Map<string, string>) => [...content].filter(([path]) => !path.includes('raw'));
    const found = extracted('env', 'LC_ALL=C.UTF-8', 'unzip', '-q', backups.files.zip);
    expect(utf8(found)).toEqual(utf8(contentOf(backups.repo.root)));
  });

  test('is whole for python, which checks every sum, and gives the bytes of each file', () => {
    const script = `
import zipfile,sys,hashlib,json
z=zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps({i.filename:[i.external_attr>>16, hashlib.sha256(z.read(i)).hexdigest(), i.date_time] for i in z.infolist()}))`;
    const listed = JSON.parse(
      execFileSync('python3', ['-c', script, backups.files.zip], { encoding: 'utf8', maxBuffer: 1 << 26 }),
    ) as Record<string, [number, string, number[]]>;
    const top = `${backups.snapshot.set}-${backups.snapshot.id}/`;
    expect(listed[`${top}ünïcode 日本`]?.[0]).toBe(0o100644);
    // Python takes names that are not said to be UTF-8 for those of an old PC.
    expect(listed[`${top}raw\u00a0■\n name`]?.[1]).toBe(createHash('sha256').update('bytes\n').digest('hex'));
    expect(listed[`${top}secret`]?.[0]).toBe(0o100600);
    expect(listed[`${top}link`]?.[0]).toBe(0o120777);
    expect(listed[`${top}empty/still empty/`]?.[0]).toBe(0o040755);
    const digest = contentOf(backups.repo.root).get('/large')?.split(' ')[1];
    expect(listed[`${top}large`]?.[1]).toBe(digest);
    const at = new Date(backups.snapshot.takenAt);
    expect(listed[`${top}large`]?.[2].slice(0, 5)).toEqual([
      at.getUTCFullYear(),
      at.getUTCMonth() + 1,
      at.getUTCDate(),
      at.getUTCHours(),
      at.getUTCMinutes(),
    ]);
  });
});

test.each(['tar', 'zip'] as const)('%s: two exports are the same bytes, also after git packed anew', async (format) => {
  const { repo, files } = backups;
  const again = join(tempDir(), 'again');
  repo.git('repack', '-q', '-a', '-d', '-f', '--depth=1');
  const streamed = await runApart(['snapshot', 'export', '--format', format, '-o', '-'], { cwd: repo.dir });
  expect(Buffer.from(streamed.stdoutBytes, 'latin1').equals(readFileSync(files[format]))).toBe(true);
  await repo.ok('snapshot', 'export', '--format', format, '-o', again);
  expect(readFileSync(again).equals(readFileSync(files[format]))).toBe(true);
});

test('the format is what the name of the file ends in, unless it is given', async () => {
  const { repo, snapshot } = backups;
  const dir = tempDir();
  for (const [name, format] of [
    ['a.zip', 'zip'],
    ['A.TAR', 'tar'],
    ['a', 'bundle'],
  ] as const) {
    expect(await repo.json('snapshot', 'export', snapshot.id, '-o', join(dir, name))).toMatchObject({ format });
  }
  const other = await repo.json('snapshot', 'export', snapshot.id, '--format', 'tar', '-o', join(dir, 'b.zip'));
  expect(other).toMatchObject({ format: 'tar' });
  const stdout = await repo.ok('snapshot', 'export', snapshot.id);
  expect(stdout).toContain(` -> ${join(repo.dir, `artifacts-${snapshot.id}.bundle`)} (`);
});

test('a set may have a directory of the name that the proof has', async () => {
  const { repo } = backups;
  const proof = join(repo.root, '.snapshot-proof');
  mkdirSync(proof);
  const taken = await repo.take('-m', 'With such a name');
  const file = join(tempDir(), 'named.tar');
  await repo.ok('snapshot', 'export', taken.id, '--format', 'tar', '-o', file);
  await repo.ok('snapshot', 'verify', '--bundle', file);
  await repo.ok('rollback', backups.snapshot.id, '--yes');
});
