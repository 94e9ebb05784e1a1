import fs, { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Oid } from '../../src/core/oid.ts';
import type { FileSystemCalls } from '../../src/portable/file-system.ts';
import { openIsomorphicStore } from '../../src/portable/isomorphic-store.ts';
import { type TempRepo, tempDir, tempRepo } from '../support/temp-repo.ts';

const open = (dir: string) => openIsomorphicStore(fs, { dir });

function commitOnce(...init: string[]): TempRepo {
  const repo = tempRepo(...init);
  writeFileSync(join(repo.dir, 'file'), 'content\n');
  repo.git('add', '.');
  repo.git('commit', '-q', '-m', 'one');
  return repo;
}

/** An error of that kind that says what is in the way and what to do instead. */
function refused(kind: string, about: string) {
  return { name: 'SnapshotError', kind, message: expect.stringContaining(about), hint: expect.stringMatching(/\w/) };
}

describe('a repository is opened', () => {
  test('by its working directory, its git directory, and where it is bare', async () => {
    const { dir, git } = commitOnce();
    const bare = join(tempDir(), 'bare.git');
    git('clone', '-q', '--bare', '.', bare);
    const head = git('rev-parse', 'HEAD');
    for (const place of [{ dir }, { dir: `${dir}/` }, { gitdir: join(dir, '.git') }, { dir: bare }, { gitdir: bare }]) {
      const store = await openIsomorphicStore(fs, place);
      expect(await store.readRef('refs/heads/main')).toBe(head);
      expect((await store.readObject(head as Oid)).type).toBe('commit');
    }
  });

  test('with settings that change nothing about where things are', async () => {
    const { dir, git } = commitOnce();
    const config = join(dir, '.git/config');
    appendFileSync(config, '[core] repositoryformatversion = 1 ; a comment\n[Extensions]\n\tnoop\n');
    appendFileSync(
      config,
      '[alias]\n\tx = "!f() { \\\n\techo a\\\\b; }; f" # "quoted"\n[remote "o"]\n\tpromisor = off\n',
    );
    git('config', 'extensions.preciousObjects', 'true');
    expect((await open(dir)).format.name).toBe('sha1');
  });
});

describe('what only git can read is refused by its name:', () => {
  test('no repository at all', async () => {
    const dir = tempDir();
    await expect(open(dir)).rejects.toMatchObject(refused('not-found', dir));
    await expect(open(join(dir, 'nowhere'))).rejects.toMatchObject(refused('not-found', 'nowhere'));
    mkdirSync(join(dir, '.git'));
    await expect(open(dir)).rejects.toMatchObject(refused('not-found', 'not a git repository'));
  });

  test('objects named by SHA-256', async () => {
    await expect(open(commitOnce('--object-format=sha256').dir)).rejects.toMatchObject(refused('config', 'SHA-256'));
  });

  test('a linked working tree, by its directory and by its git directory', async () => {
    const { dir, git } = commitOnce();
    const linked = join(tempDir(), 'linked');
    git('worktree', 'add', '-q', linked, '-b', 'other');
    await expect(open(linked)).rejects.toMatchObject(refused('config', 'linked'));
    const gitdir = join(dir, '.git/worktrees/linked');
    await expect(openIsomorphicStore(fs, { gitdir })).rejects.toMatchObject(refused('config', 'linked'));
  });

  test('alternates', async () => {
    const { dir, git } = commitOnce();
    const borrower = join(tempDir(), 'borrower');
    git('clone', '-q', '--shared', dir, borrower);
    await expect(open(borrower)).rejects.toMatchObject(refused('config', 'alternates'));
  });

  test('a partial clone, and packs of one', async () => {
    const { dir, git } = commitOnce();
    git('config', 'uploadpack.allowFilter', 'true');
    const partial = join(tempDir(), 'partial');
    git('clone', '-q', '--no-checkout', '--filter=blob:none', `file://${dir}`, partial);
    await expect(open(partial)).rejects.toMatchObject(refused('config', 'partial clone'));
    git('-C', partial, 'config', '--unset', 'remote.origin.promisor');
    await expect(open(partial)).rejects.toMatchObject(refused('config', 'partial clone'));
  });

  test.each([
    ['[extensions]\n\trefStorage = reftable\n', 'reftable'],
    ['[extensions]\n\tobjectFormat = sha512\n', 'objectformat'],
    ['[extensions]\n\tfuture = true\n', 'future'],
    ['[extensions]\n\tpartialClone = origin\n', 'partial clone'],
    ['[core]\n\trepositoryformatversion = 2\n', 'version'],
  ])('the configuration %j', async (text, about) => {
    const { dir } = commitOnce();
    appendFileSync(join(dir, '.git/config'), text);
    await expect(open(dir)).rejects.toMatchObject(refused('config', about));
  });

  test('a directory of reftables', async () => {
    const { dir } = commitOnce();
    mkdirSync(join(dir, '.git/reftable'));
    await expect(open(dir)).rejects.toMatchObject(refused('config', 'reftable'));
  });

  test('a configuration that is damaged', async () => {
    const { dir } = commitOnce();
    appendFileSync(join(dir, '.git/config'), '[core\n');
    await expect(open(dir)).rejects.toMatchObject({ kind: 'untrusted', message: expect.stringContaining('line') });
  });

  test('a pack index of version 1', async () => {
    const { dir, git } = commitOnce();
    git('-c', 'pack.indexVersion=1', 'repack', '-adfq');
    const head = git('rev-parse', 'HEAD') as Oid;
    await expect((await open(dir)).readObject(head)).rejects.toMatchObject(refused('git', 'version 2'));
  });
});

describe('what cannot be read is not taken for absent:', () => {
  const failing = (pattern: RegExp): FileSystemCalls => ({
    ...fs.promises,
    readFile: (path) => (pattern.test(path) ? fail() : fs.promises.readFile(path)),
    readdir: (path) => (pattern.test(path) ? fail() : fs.promises.readdir(path)),
  });
  const fail = () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }));

  test.each([
    ['a loose object', /objects\/[0-9a-f]{2}\/[0-9a-f]{38}$/],
    ['the list of packs', /objects\/pack$/],
    ['packed refs', /packed-refs$/],
    ['a directory of refs', /refs\/heads$/],
  ])('%s', async (what, pattern) => {
    const { dir, git } = commitOnce();
    if (what === 'the list of packs') git('repack', '-adq');
    const head = git('rev-parse', 'HEAD') as Oid;
    const read = async () => {
      const store = await openIsomorphicStore(failing(pattern), { dir });
      await store.listRefs('refs/heads/');
      await store.readObject(head);
      const { faults } = await store.digestBlobs([git('rev-parse', 'HEAD:file') as Oid]);
      expect(faults.size).toBe(0);
    };
    await expect(read()).rejects.toMatchObject(refused('git', 'EACCES'));
  });
});

describe('packed refs are read as git writes them and in no other way:', () => {
  const oid = 'a'.repeat(40);
  test.each([
    ['a name out of order', `# pack-refs with: peeled fully-peeled sorted \n${oid} refs/b\n${oid} refs/a\n`],
    ['a name that stands twice', `${oid} refs/a\n${oid} refs/a\n`],
    ['a line that is cut short', `${oid} refs/a\n${oid} refs/b`],
    ['no name', `${oid}\n`],
    ['half an object name', `${oid.slice(1)} refs/a\n`],
    ['capitals', `${oid.toUpperCase()} refs/a\n`],
    ['a peeled line without a ref', `^${oid}\n`],
    ['a comment in the middle', `${oid} refs/a\n# no\n`],
    ['an empty line', `${oid} refs/a\n\n`],
  ])('%s is an error', async (_, text) => {
    const { dir } = commitOnce();
    writeFileSync(join(dir, '.git/packed-refs'), text);
    await expect((await open(dir)).listRefs('refs/snapshots/')).rejects.toMatchObject({
      kind: 'untrusted',
      message: expect.stringContaining("'packed-refs'"),
    });
  });

  test('unsorted ones of old versions are listed', async () => {
    const { dir } = commitOnce();
    writeFileSync(join(dir, '.git/packed-refs'), `${oid} refs/x/b\n^${oid}\n${oid} refs/x/a\n`);
    expect((await (await open(dir)).listRefs('refs/x/')).map(({ name }) => name)).toEqual(['refs/x/a', 'refs/x/b']);
  });
});

describe('refs that are links', () => {
  test('to another ref are followed, and to anything else are broken', async () => {
    const { dir, git } = commitOnce();
    const refs = join(dir, '.git/refs/x');
    mkdirSync(refs);
    symlinkSync('refs/heads/main', join(refs, 'symbolic'));
    renameSync(join(dir, '.git/refs/heads/main'), join(dir, 'elsewhere'));
    symlinkSync(join(dir, 'elsewhere'), join(refs, 'link'));
    rmSync(join(dir, '.git/packed-refs'), { force: true });
    const store = await open(dir);
    const none = '0'.repeat(40);
    expect(await store.listRefs('refs/x/')).toEqual([
      { name: 'refs/x/link', oid: none },
      { name: 'refs/x/symbolic', oid: none },
    ]);
    renameSync(join(dir, 'elsewhere'), join(dir, '.git/refs/heads/main'));
    expect(await store.readRef('refs/x/symbolic')).toBe(git('rev-parse', 'refs/heads/main'));
  });
});
