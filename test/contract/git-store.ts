import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { MissingObjectError, RefConflictError } from '../../src/core/errors.ts';
import type { ObjectType, Oid } from '../../src/core/oid.ts';
import type { GitStore } from '../../src/core/ports.ts';
import { type TempRepo, tempDir } from '../support/temp-repo.ts';

/** A store that is to be judged, and the repository below it. */
export interface StoreUnderTest {
  readonly store: GitStore;
  readonly repo: TempRepo;
}

const bytes = (text: string | Buffer) => Buffer.from(text).toString('latin1');
const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');

/** What every {@link GitStore} has to do, whatever it is made of. `make` gives one over a new, empty repository. */
export function gitStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name} is a GitStore:`, () => {
    let store: GitStore;
    let repo: TempRepo;
    let absent: Oid;

    beforeEach(async () => {
      ({ store, repo } = await make());
      absent = 'd'.repeat(store.format.hexLength) as Oid;
    });

    const blob = async (content: string | Buffer): Promise<Oid> => {
      const [oid] = await store.writeObjects([{ type: 'blob', body: bytes(content) }]);
      if (oid === undefined) throw new Error('no object written');
      return oid;
    };
    const ingest = async (root: string, paths: string[], options = { store: true }) => {
      const into = await store.beginIngest(bytes(root), options);
      const files = await into.addFiles(paths.map((path) => ({ path })));
      await into.finish();
      return files;
    };
    const directory = (files: Record<string, string | Buffer>): string => {
      const root = tempDir();
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(join(root, path, '..'), { recursive: true });
        writeFileSync(join(root, path), content);
      }
      return root;
    };

    test('objects of every type are read back as they were written, and git agrees', async () => {
      const content = await blob('some content\n');
      const raw = Buffer.from(content, 'hex').toString('latin1');
      const [tree] = await store.writeObjects([{ type: 'tree', body: `100644 name\xe9\0${raw}` }]);
      const ident = 'A <a@example.org> 1700000000 +0000';
      const objects: { type: ObjectType; body: string }[] = [
        { type: 'commit', body: `tree ${tree}\nauthor ${ident}\ncommitter ${ident}\n\nsubject\n` },
        { type: 'tag', body: `object ${tree}\ntype tree\ntag t\ntagger ${ident}\n\n\xff\xfe bytes\n` },
      ];
      const oids = await store.writeObjects(objects);
      const read = await store.readObjects(oids);
      expect(read.map(({ type, body }) => ({ type, body }))).toEqual(objects);
      expect(oids.map((oid) => repo.git('cat-file', '-t', oid))).toEqual(['commit', 'tag']);
      repo.git('fsck', '--strict', '--no-dangling');
    });

    test('writing the same object again is no error and gives the same name', async () => {
      expect(await blob('twice')).toBe(await blob('twice'));
    });

    test('files are ingested with the names, hashes and stats that they have', async () => {
      const root = directory({ 'a.txt': 'a\n', 'dir/empty': '', 'dir/with space': 'x'.repeat(70_000) });
      symlinkSync('no/such/target', join(root, 'link'));
      const paths = ['dir/with space', 'a.txt', 'link', 'dir/empty'];
      const files = await ingest(root, paths);

      expect(files.map(({ path }) => path)).toEqual(paths);
      for (const { path, oid, sha256: digest, size, mode, stat } of files) {
        const link = path === 'link';
        const content = link ? Buffer.from('no/such/target') : readFileSync(join(root, path));
        expect({ path, digest, size }).toEqual({ path, digest: sha256(content), size: content.length });
        expect(await store.readObject(oid)).toMatchObject({ type: 'blob', body: bytes(content) });
        expect(mode & 0o170000).toBe(link ? 0o120000 : 0o100000);
        if (!link) expect(stat.ino).toBe(statSync(join(root, path)).ino);
        if (!link) expect(repo.git('hash-object', '--no-filters', join(root, path))).toBe(oid);
      }
      repo.git('fsck', '--strict', '--no-dangling');
    });

    test('an ingest shows nothing before it is finished, and leaves nothing when it is abandoned', async () => {
      const names = Array.from({ length: 400 }, (_, i) => `file ${i}`);
      const root = directory(Object.fromEntries(names.map((name) => [name, `content of ${name}`])));
      const into = await store.beginIngest(bytes(root), { store: true });
      const files = await into.addFiles(names.map((path) => ({ path })));
      const oids = files.map(({ oid }) => oid);
      expect((await store.describeObjects(oids)).size).toBe(0);
      await into.abandon();
      await into.abandon();
      expect(repo.git('count-objects', '-v')).toMatch(/^count: 0\n(.*\n)*in-pack: 0\npacks: 0\n(.*\n)*garbage: 0\n/);
    });

    test('an ingest that only hashes stores nothing', async () => {
      const root = directory({ file: 'not stored' });
      const [file] = await ingest(root, ['file'], { store: false });
      expect(file?.sha256).toBe(sha256('not stored'));
      expect((await store.describeObjects(file ? [file.oid] : [])).size).toBe(0);
    });

    test('trees that are added to an ingest are stored with it', async () => {
      const root = directory({ file: 'in a tree' });
      const into = await store.beginIngest(bytes(root), { store: true });
      const [file] = await into.addFiles([{ path: 'file' }]);
      const raw = Buffer.from(file?.oid ?? '', 'hex').toString('latin1');
      const tree = into.addObject('tree', `100644 file\0${raw}`);
      expect(into.addObject('tree', `100644 file\0${raw}`)).toBe(tree);
      await into.finish();
      await into.abandon();
      expect(repo.git('ls-tree', tree)).toBe(`100644 blob ${file?.oid}\tfile`);
    });

    test('a file that is not there is an error that names it', async () => {
      const into = await store.beginIngest(bytes(directory({})), { store: true });
      await expect(into.addFiles([{ path: 'missing' }])).rejects.toMatchObject({
        kind: 'conflict',
        message: "cannot read 'missing': no such file or directory",
      });
      await into.abandon();
    });

    test('blobs are restored to files with exact bytes and permissions', async () => {
      const odd = randomBytes(70_000);
      const root = directory({ odd, big: Buffer.alloc(9 << 20, 'ab'), target: 'to/\xe9' });
      const [oddFile, big, target] = await ingest(root, ['odd', 'big', 'target']);
      const loose = await blob('loose');
      const out = tempDir();
      const at = (name: string) => bytes(join(out, name));
      const digests = await store.restoreBlobs([
        { oid: oddFile?.oid ?? absent, destination: at('odd'), permissions: 0o600, symlink: false },
        { oid: big?.oid ?? absent, destination: at('big'), permissions: 0o777, symlink: false },
        { oid: target?.oid ?? absent, destination: at('link'), permissions: 0o777, symlink: true },
        { oid: loose, destination: at('loose'), permissions: 0o444, symlink: false },
      ]);
      expect(readFileSync(join(out, 'odd')).equals(odd)).toBe(true);
      expect(sha256(readFileSync(join(out, 'big')))).toBe(big?.sha256);
      expect(readlinkSync(join(out, 'link'))).toBe('to/\xe9');
      expect(readFileSync(join(out, 'loose'), 'utf8')).toBe('loose');
      expect(['odd', 'big', 'loose'].map((name) => statSync(join(out, name)).mode & 0o7777)).toEqual([
        0o600, 0o777, 0o444,
      ]);
      expect(digests).toEqual([
        { sha256: oddFile?.sha256, size: 70_000 },
        { sha256: big?.sha256, size: 9 << 20 },
        { sha256: target?.sha256, size: target?.size },
        { sha256: sha256('loose'), size: 5 },
      ]);
    });

    test('a restore does not write over anything, and says what is missing', async () => {
      const oid = await blob('new');
      const out = directory({ there: 'old' });
      const to = { destination: bytes(join(out, 'there')), permissions: 0o644, symlink: false };
      await expect(store.restoreBlobs([{ ...to, oid }])).rejects.toMatchObject({ kind: 'conflict' });
      await expect(store.restoreBlobs([{ ...to, oid, symlink: true }])).rejects.toMatchObject({ kind: 'conflict' });
      expect(readFileSync(join(out, 'there'), 'utf8')).toBe('old');
      const other = { ...to, destination: bytes(join(out, 'other')), oid: absent };
      await expect(store.restoreBlobs([other])).rejects.toThrow(MissingObjectError);
    });

    test('refs move by compare and swap, all or none', async () => {
      const [one, two] = await store.writeObjects([
        { type: 'blob', body: '1' },
        { type: 'blob', body: '2' },
      ]);
      if (one === undefined || two === undefined) throw new Error('no objects');
      await store.updateRefs(
        [
          { name: 'refs/snapshots/s/a', from: null, to: one },
          { name: 'refs/snapshots/s/b', from: null, to: two },
          { name: 'refs/snapshots/s-other/c', from: null, to: two },
        ],
        'made',
      );
      expect(await store.readRef('refs/snapshots/s/a')).toBe(one);
      expect(await store.readRef('refs/snapshots/s')).toBe(null);
      expect(await store.listRefs('refs/snapshots/s/')).toEqual([
        { name: 'refs/snapshots/s/a', oid: one },
        { name: 'refs/snapshots/s/b', oid: two },
      ]);
      const bad = store.updateRefs(
        [
          { name: 'refs/snapshots/s/b', from: two, to: one },
          { name: 'refs/snapshots/s/a', from: two, to: null },
        ],
        'bad',
      );
      await expect(bad).rejects.toThrow(RefConflictError);
      await expect(bad).rejects.toMatchObject({ refs: ['refs/snapshots/s/a'] });
      await expect(store.updateRefs([{ name: 'refs/snapshots/s/a', from: null, to: two }], 'bad')).rejects.toThrow(
        RefConflictError,
      );
      expect(await store.readRef('refs/snapshots/s/b')).toBe(two);
      await store.updateRefs([{ name: 'refs/snapshots/s/a', from: one, to: null }], 'deleted');
      expect(await store.readRef('refs/snapshots/s/a')).toBe(null);
    });
  });
}
