import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { DOCUMENTS } from '../../src/cli/schemas/documents.ts';
import { existing, fsck, type GovernedRepo } from '../support/governed-repo.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';
import type { Backups } from './backups.ts';
import { contentOf, FORMATS, fileDir, makeBackups, newRepo } from './backups.ts';

const LOG = 'refs/notes/snapshots';
const POLICY = 'refs/snapshot-policy/current';

const dir = fileDir();
let backups: Backups;

beforeAll(async () => {
  backups = await makeBackups(dir);
});

/** A copy of the repository, to be damaged. */
function copy(): GovernedRepo {
  const to = join(tempDir(), 'copy');
  execFileSync('cp', ['-a', backups.repo.dir, to]);
  return existing(to);
}

async function bringIn(repo: GovernedRepo, file: string, ...words: string[]) {
  return DOCUMENTS.import.parse(await repo.json('snapshot', 'import', file, ...words));
}

/** All refs and what they are at. */
const refs = (repo: GovernedRepo) => repo.git('for-each-ref', '--format=%(objectname) %(refname)');

/** Takes an object out of a repository, whether it is loose or packed. */
function loseObjects(repo: GovernedRepo, oids: readonly string[]): void {
  const packs = join(repo.dir, '.git/objects/pack');
  const names = readdirSync(packs).filter((name) => name.endsWith('.pack'));
  for (const name of names) {
    const aside = join(repo.dir, name);
    execFileSync('mv', [join(packs, name), aside]);
    rmSync(join(packs, name.replace('.pack', '.idx')), { force: true });
    rmSync(join(packs, name.replace('.pack', '.rev')), { force: true });
    execFileSync('sh', ['-c', `git unpack-objects -q < '${aside}'`], { cwd: repo.dir });
    rmSync(aside, { force: true });
  }
  for (const oid of oids) rmSync(join(repo.dir, '.git/objects', oid.slice(0, 2), oid.slice(2)));
}

describe.each(FORMATS)('from a %s', (format) => {
  test('a snapshot whose ref is gone comes back, and no more than its ref', async () => {
    const repo = copy();
    await repo.take('-m', 'Newer', '--force');
    const before = refs(repo);
    repo.git('update-ref', '-d', backups.snapshot.ref);
    expect((await repo.run(['snapshot', 'log', '--verify'])).stdout).toContain('its ref is gone');
    const planned = await bringIn(repo, backups.files[format], '--dry-run');
    expect(planned).toMatchObject({ outcome: 'planned', refs: [backups.snapshot.ref], log: 'kept' });
    expect(refs(repo)).not.toContain(backups.snapshot.ref);
    const result = await bringIn(repo, backups.files[format]);
    expect(result).toEqual({ ...planned, outcome: 'imported', missing: 0 });
    expect(refs(repo)).toBe(before);
    await repo.ok('snapshot', 'verify', '--all');
    await repo.ok('snapshot', 'log', '--verify');
    expect(await bringIn(repo, backups.files[format])).toMatchObject({ outcome: 'nothing-to-do', refs: [] });
  });

  test('an empty repository becomes what it was, and the directory can be had back', async () => {
    const repo = existing(tempRepo().dir);
    const planned = await bringIn(repo, backups.files[format], '-n');
    expect(refs(repo)).toBe('');
    expect(planned).toMatchObject({ outcome: 'planned', log: 'restored' });
    expect(await bringIn(repo, backups.files[format])).toMatchObject({
      outcome: 'imported',
      log: 'restored',
      missing: 0,
    });
    expect(
      refs(repo)
        .split('\n')
        .map((line) => line.split(' ')[1]),
    ).toEqual([LOG, POLICY, backups.snapshot.ref]);
    await repo.ok('snapshot', 'restore', backups.snapshot.id, '--yes');
    expect(contentOf(repo.root)).toEqual(contentOf(backups.repo.root));
    expect(fsck(repo.dir)).toBe('');
    await repo.take('-m', 'It goes on', '--force');
    await repo.ok('snapshot', 'log', '--verify');
  });

  test('a file of another repository is refused', async () => {
    const other = await newRepo(join(tempDir(), 'other'));
    const before = refs(other);
    const { stderr } = await other.expect(5, ['snapshot', 'import', backups.files[format]]);
    expect(stderr).toContain('is of another repository');
    expect(refs(other)).toBe(before);
  });
});

describe('objects', () => {
  test('that are lost come back: content, trees, the tag', async () => {
    const repo = copy();
    const { snapshot, files } = backups;
    const [blob = ''] = repo.git('rev-parse', `${snapshot.tag}^{tree}:secret`).split('\n');
    loseObjects(repo, [blob, snapshot.tree, snapshot.tag]);
    await expect(repo.ok('snapshot', 'verify', snapshot.id)).rejects.toThrow();
    expect(await bringIn(repo, files.bundle)).toMatchObject({ outcome: 'imported', refs: [], log: 'kept' });
    await repo.ok('snapshot', 'verify', '--all');
    expect(fsck(repo.dir)).toBe('');
  });

  test('that are damaged are not read any more', async () => {
    const repo = copy();
    const { snapshot, files } = backups;
    const blob = repo.git('rev-parse', `${snapshot.tag}^{tree}:secret`);
    loseObjects(repo, []);
    const file = join(repo.dir, '.git/objects', blob.slice(0, 2), blob.slice(2));
    chmodSync(file, 0o644);
    writeFileSync(file, 'damaged');
    await repo.expect(1, ['snapshot', 'verify', snapshot.id]);
    expect(await bringIn(repo, files.tar)).toMatchObject({ outcome: 'imported', refs: [] });
    await repo.ok('snapshot', 'verify', snapshot.id);
  });

  test('of the log and the policy come back too', async () => {
    const repo = copy();
    loseObjects(repo, [repo.git('rev-parse', LOG), repo.git('rev-parse', POLICY)]);
    await expect(repo.ok('snapshot', 'list', '--json')).resolves.toBeDefined();
    await expect(repo.ok('snapshot', 'verify', '--all')).rejects.toThrow();
    await bringIn(repo, backups.files.zip);
    await repo.ok('snapshot', 'verify', '--all');
    await repo.ok('snapshot', 'log', '--verify');
  });
});

describe('the log', () => {
  test('of the file goes on where the one here ends: it goes on here too', async () => {
    const repo = copy();
    const newer = copy();
    const taken = await newer.take('-m', 'Newer', '--force');
    const file = join(tempDir(), 'newer.bundle');
    await newer.ok('snapshot', 'export', taken.id, '-o', file);
    const result = await bringIn(repo, file);
    expect(result).toMatchObject({ outcome: 'imported', log: 'advanced', refs: [taken.ref], missing: 0 });
    expect(refs(repo)).toBe(refs(newer));
    await repo.ok('snapshot', 'log', '--verify');
  });

  test('of the file tells of more than is in it: that is said', async () => {
    const newer = copy();
    const taken = await newer.take('-m', 'Newer', '--force');
    const file = join(tempDir(), 'newer.bundle');
    await newer.ok('snapshot', 'export', taken.id, '-o', file);
    const repo = existing(tempRepo().dir);
    expect(await bringIn(repo, file)).toMatchObject({ log: 'restored', missing: 1 });
    // The other one comes from its own backup.
    expect(await bringIn(repo, backups.files.zip)).toMatchObject({ log: 'kept', missing: 0 });
    expect(refs(repo)).toBe(refs(newer));
    await repo.ok('snapshot', 'verify', '--all');
  });

  test('that went another way is refused', async () => {
    const [one, other] = [copy(), copy()];
    await one.take('-m', 'One', '--force');
    const taken = await other.take('-m', 'Other', '--force');
    const file = join(tempDir(), 'other.bundle');
    await other.ok('snapshot', 'export', taken.id, '-o', file);
    const before = refs(one);
    const { stderr } = await one.expect(5, ['snapshot', 'import', file]);
    expect(stderr).toContain('went different ways');
    expect(refs(one)).toBe(before);
  });

  test('that is gone comes back, unless the clone has seen more of it', async () => {
    const repo = copy();
    await repo.ok('snapshot', 'log', '--verify');
    repo.git('update-ref', '-d', LOG);
    expect(await bringIn(repo, backups.files.bundle)).toMatchObject({ outcome: 'imported', log: 'restored', refs: [] });
    await repo.ok('snapshot', 'log', '--verify');
    await repo.take('-m', 'Newer', '--force');
    repo.git('update-ref', '-d', LOG);
    const { stderr } = await repo.expect(5, ['snapshot', 'import', backups.files.bundle]);
    expect(stderr).toContain('which this clone has seen');
  });
});

test('a policy that is newer here does not go back, even where the log is gone', async () => {
  const repo = copy();
  await repo.ok('snapshot', 'key', 'rotate', '--yes', '--no-passphrase');
  repo.git('update-ref', '-d', LOG);
  // Nobody here remembers the log any more.
  rmSync(join(repo.dir, '.git/snapshot/clone'), { force: true });
  const before = refs(repo);
  const { stderr } = await repo.expect(5, ['snapshot', 'import', backups.files.bundle]);
  expect(stderr).toContain('does not follow from the one here');
  expect(refs(repo)).toBe(before);
});

test('a bare repository takes it too', async () => {
  const bare = existing(tempDir());
  bare.git('init', '-q', '--bare');
  expect(await bringIn(bare, backups.files.zip)).toMatchObject({ outcome: 'imported', log: 'restored' });
  await bare.ok('snapshot', 'verify', '--all');
});

test('a ref that stands at something else is not moved', async () => {
  const repo = copy();
  const newer = await repo.take('-m', 'Newer', '--force');
  repo.git('update-ref', backups.snapshot.ref, newer.tag);
  const before = refs(repo);
  const { stderr } = await repo.expect(5, ['snapshot', 'import', backups.files.tar]);
  expect(stderr).toContain(`git update-ref -d ${backups.snapshot.ref}`);
  expect(refs(repo)).toBe(before);
});

test('a damaged file brings nothing in', async () => {
  const repo = existing(tempRepo().dir);
  const file = join(tempDir(), 'damaged.tar');
  const bytes = Buffer.from(execFileSync('cat', [backups.files.tar], { maxBuffer: 1 << 28 }));
  bytes[bytes.length - 100_000] = (bytes[bytes.length - 100_000] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  await repo.expect(6, ['snapshot', 'import', file]);
  expect(refs(repo)).toBe('');
  expect(repo.git('count-objects', '-v')).toMatch(/^count: 0\n[\s\S]*in-pack: 0\n/);
});

test('nobody is trusted who was not trusted before', async () => {
  const repo = existing(tempRepo().dir);
  const env = { XDG_CONFIG_HOME: tempDir() };
  const { stderr } = await repo.expect(6, ['snapshot', 'import', backups.files.bundle], { env });
  expect(refs(repo)).toBe('');
  expect(stderr).toContain('run "git snapshot trust pin DIGEST"');
  const [, digest = ''] = /here it is (sha256:[0-9a-f]{64})/.exec(stderr) ?? [];
  await repo.expect(0, ['snapshot', 'trust', 'pin', `sha256:${'0'.repeat(64)}`], { env });
  const other = await repo.expect(6, ['snapshot', 'import', backups.files.bundle], { env });
  expect(other.stderr).toContain('is not the one that you trust');
  await repo.expect(0, ['snapshot', 'trust', 'pin', digest], { env });
  await repo.expect(0, ['snapshot', 'import', backups.files.bundle], { env });
  await repo.expect(0, ['snapshot', 'log', '--verify'], { env });
});
