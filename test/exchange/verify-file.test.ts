import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { DOCUMENTS } from '../../src/cli/schemas/documents.ts';
import { around } from '../support/governed-repo.ts';
import { programs } from '../support/programs.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';
import type { Backups } from './backups.ts';
import { FORMATS, fileDir, leftovers, makeBackups } from './backups.ts';

const dir = fileDir();
const temporary = join(dir, 'tmp');
let backups: Backups;

beforeAll(async () => {
  backups = await makeBackups(dir);
  mkdirSync(temporary);
});

/** Commands with no repository around them, and a TMPDIR of their own. */
function nowhere(env: Readonly<Record<string, string>> = {}) {
  return around({ dir: tempDir(), git: () => '' }, { TMPDIR: temporary, ...env });
}

async function verify(file: string, ...words: string[]) {
  const found = await nowhere().run(['snapshot', 'verify', '--bundle', file, ...words]);
  expect(leftovers(temporary)).toEqual([]);
  return found;
}

/** Writes a changed copy, and expects that it is refused with these words. */
async function expectRefused(bytes: Buffer, says: RegExp): Promise<void> {
  const file = join(tempDir(), 'changed');
  writeFileSync(file, bytes);
  const { code, stdout, stderr } = await verify(file);
  expect([1, 6]).toContain(code);
  expect(`${stdout}${stderr}`).toMatch(says);
}

describe.each(FORMATS)('a %s', (format) => {
  test('is proven with nothing but the file and the pin', async () => {
    const { stdout, code } = await verify(backups.files[format], '--json');
    const document = DOCUMENTS.verify.parse(JSON.parse(stdout));
    const checks = document.results[0]?.checks ?? [];
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.map(({ check }) => check)).toEqual([
      ...['ref', 'format', 'repository', 'policy', 'set', 'signature', 'log'],
      ...['refs', 'tree', 'content', 'manifest', 'file'],
    ]);
    expect(document.results[0]?.id).toBe(backups.snapshot.id);
    expect(code).toBe(0);
  });

  test('is quickly judged by its tag and its log', async () => {
    const { stdout, code } = await verify(backups.files[format], '--quick', '--json');
    const [result] = DOCUMENTS.verify.parse(JSON.parse(stdout)).results;
    expect(result?.checks.map(({ check }) => check)).not.toContain('content');
    expect(code).toBe(0);
  });

  test('needs a pin', async () => {
    const file = backups.files[format];
    const stranger = nowhere({ XDG_CONFIG_HOME: tempDir() });
    const { stderr } = await stranger.expect(6, ['snapshot', 'verify', '--bundle', file]);
    // There is no repository whose pin could be written.
    expect(stderr).toContain('set GIT_SNAPSHOT_TRUST_ROOT to it, or run the command at a terminal');
    expect(stderr).not.toContain('trust pin');
    const [, digest = ''] = /here it is (sha256:[0-9a-f]{64})/.exec(stderr) ?? [];
    const told = nowhere({ XDG_CONFIG_HOME: tempDir(), GIT_SNAPSHOT_TRUST_ROOT: digest });
    await told.ok('snapshot', 'verify', '--bundle', file);
    const misled = nowhere({ GIT_SNAPSHOT_TRUST_ROOT: `sha256:${'0'.repeat(64)}` });
    await misled.expect(6, ['snapshot', 'verify', '--bundle', file]);
    expect(leftovers(temporary)).toEqual([]);
  });

  test('is refused where any byte is another', async () => {
    const bytes = readFileSync(backups.files[format]);
    // The beginning and the end, where the headers are, and some of what is between.
    const step = Math.floor(bytes.length / 8);
    const places = [0, 3, 9, 20, 100, 513, 600, 1500, ...Array.from({ length: 7 }, (_, i) => (i + 1) * step)];
    for (const place of [...places, ...[1, 10, 22, 300].map((back) => bytes.length - back)]) {
      const changed = Buffer.from(bytes);
      changed[place] = (changed[place] ?? 0) ^ 0xff;
      await expectRefused(changed, /./);
    }
  });

  test('is refused where it is cut short, or goes on', async () => {
    const bytes = readFileSync(backups.files[format]);
    for (const length of [0, 15, 200, 5000, Math.floor(bytes.length / 2), bytes.length - 1])
      await expectRefused(bytes.subarray(0, length), /./);
    await expectRefused(Buffer.concat([bytes, Buffer.from('x')]), /after its end|ends in another way|junk/);
    await expectRefused(Buffer.concat([bytes, Buffer.alloc(10_240)]), /after its end|ends in another way|junk/);
  });
});

test('what was seen in a clone is not asked, and not changed', async () => {
  const { repo, files } = backups;
  await repo.take('-m', 'A newer one', '--force');
  await repo.ok('snapshot', 'log', '--verify');
  const seen = join(process.env['XDG_CONFIG_HOME'] ?? '', 'git-snapshot', 'seen');
  const memory = () =>
    readdirSync(seen, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), 'latin1')]);
  const before = memory();
  expect(before.length).toBeGreaterThan(0);
  await repo.ok('snapshot', 'verify', '--bundle', files.bundle);
  await repo.ok('snapshot', 'verify', '--bundle', files.zip);
  expect(memory()).toEqual(before);
});

test.each([
  [Buffer.from('plain text\n'), /is not a bundle, a tar or a zip file/],
  [Buffer.from([0x1f, 0x8b, 8, 0]), /is compressed/],
  [Buffer.from('# v9 git bundle\n\n'), /version that is known/],
  [Buffer.from(`# v2 git bundle\n-${'1'.repeat(40)} \n\n`), /builds on objects that it does not have/],
])('what is no export is refused: %s', async (bytes, says) => {
  await expectRefused(bytes, says);
});

test('a file that is not there, and a directory', async () => {
  expect((await verify('/nowhere/backup.tar')).code).toBe(4);
  expect(await verify(dir)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('is a directory, and not a file'),
  });
});

test('a bundle of some other repository is refused', async () => {
  const { dir: other, git } = tempRepo();
  git('commit', '-q', '--allow-empty', '-m', 'x');
  git('bundle', 'create', '-q', 'other.bundle', 'main');
  expect(await verify(join(other, 'other.bundle'))).toMatchObject({ code: 6, stderr: /has no policy/ });
});

test('a bundle that brings more than the snapshot is refused', async () => {
  const { repo, snapshot } = backups;
  const file = join(tempDir(), 'more.bundle');
  repo.git('update-ref', 'refs/snapshots/artifacts/evil', snapshot.tag);
  repo.git(
    'bundle',
    'create',
    '-q',
    file,
    snapshot.ref,
    'refs/snapshots/artifacts/evil',
    'refs/snapshot-policy/current',
    'refs/notes/snapshots',
  );
  repo.git('update-ref', '-d', 'refs/snapshots/artifacts/evil');
  expect(await verify(file)).toMatchObject({ code: 6, stderr: /has more than one snapshot/ });
});

test('a bundle whose tag is not the one that was signed is refused', async () => {
  const { repo, snapshot } = backups;
  const file = join(tempDir(), 'unsigned.bundle');
  const tag = repo.git('cat-file', 'tag', snapshot.tag);
  const unsigned = tag.slice(0, tag.indexOf('-----BEGIN'));
  writeFileSync(join(repo.dir, 'tag'), unsigned);
  const oid = repo.git('hash-object', '-t', 'tag', '-w', 'tag');
  const clone = tempRepo();
  clone.git('fetch', '-q', repo.dir, 'refs/*:refs/*');
  writeFileSync(join(clone.dir, 'tag'), unsigned);
  expect(clone.git('hash-object', '-t', 'tag', '-w', 'tag')).toBe(oid);
  clone.git('update-ref', snapshot.ref, oid);
  clone.git('bundle', 'create', '-q', file, snapshot.ref, 'refs/snapshot-policy/current', 'refs/notes/snapshots');
  expect(await verify(file)).toMatchObject({ code: 6, stderr: /signature/ });
});

test('a process that is ended leaves nothing behind', async () => {
  const script = (await programs()).script('git-snapshot');
  let signal: NodeJS.Signals | null = null;
  // On a busy machine it may have come to its own end before it hears of ours.
  for (let tries = 0; signal === null && tries < 10; tries++) {
    const child = spawn(process.execPath, [script, 'verify', '--bundle', backups.files.zip], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: 'ignore',
    });
    const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_code, by) => resolve(by)));
    while (leftovers(temporary).length === 0 && child.exitCode === null) await sleep(2);
    child.kill('SIGTERM');
    signal = await ended;
    expect(leftovers(temporary)).toEqual([]);
  }
  expect(signal).toBe('SIGTERM');
});
