import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs, { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import * as isomorphic from 'isomorphic-git';
import { describe, expect, test } from 'vitest';
import { MalformedError } from '../../src/core/errors.ts';
import { type Oid, SHA1, SHA256 } from '../../src/core/oid.ts';
import type { GitStore, IngestedFile } from '../../src/core/ports.ts';
import { DURABLE } from '../../src/git/git-store.ts';
import { ingestLarge } from '../../src/git/ingest/ingest-large.ts';
import { hashFile, packFiles } from '../../src/git/ingest/large-files.ts';
import { compressionLevel } from '../../src/git/objects/deflate.ts';
import { objectEntry } from '../../src/git/objects/object-entry.ts';
import { entryHeader, parseEntryHeader } from '../../src/git/pack/pack-format.ts';
import { encodePackIndex, PackIndex } from '../../src/git/pack/pack-index.ts';
import { PackSet } from '../../src/git/pack/pack-set.ts';
import { PackWriter } from '../../src/git/pack/pack-writer.ts';
import { publishPacks } from '../../src/git/pack/publish-packs.ts';
import { type ObjectTask, ObjectTaskRunner } from '../../src/git/workers/object-task.ts';
import type { WorkerPool } from '../../src/git/workers/worker-pool.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';
import { openStore } from './open-store.ts';

const latin1 = (text: string) => Buffer.from(text).toString('latin1');
const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

function filled(count: number, content = (i: number) => `${i} is a number\n`.repeat(i % 50)): string {
  const root = tempDir();
  for (let i = 0; i < count; i++) writeFileSync(join(root, `f${i}`), content(i));
  return root;
}

async function ingest(store: GitStore, root: string): Promise<IngestedFile[]> {
  const into = await store.beginIngest(latin1(root), { store: true });
  const files = await into.addFiles(readdirSync(root, { encoding: 'latin1' }).map((path) => ({ path })));
  await into.finish();
  return files;
}

const packsOf = (dir: string) => readdirSync(join(dir, '.git/objects/pack')).filter((name) => name.endsWith('.pack'));

describe('a pack of ours', () => {
  test.each(['sha1', 'sha256'])('is one that git accepts, with its index (%s)', async (format) => {
    const { dir, git } = tempRepo(`--object-format=${format}`);
    const { store } = await openStore(dir, { durability: async () => DURABLE });
    const files = await ingest(store, filled(700));
    const absent = files[0]?.oid.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) as Oid;
    const described = await store.describeObjects([absent, ...files.map(({ oid }) => oid)]);
    expect(described).toEqual(new Map(files.map(({ oid, size }) => [oid, { type: 'blob', size }])));
    const [pack = '', ...others] = packsOf(dir);
    expect(others).toEqual([]);
    const path = join(dir, '.git/objects/pack', pack);
    git('verify-pack', path);
    git('fsck', '--strict', '--full', '--no-dangling');
    // Git makes the very same index from the pack.
    const made = join(tempDir(), 'made.idx');
    git('index-pack', `--object-format=${format}`, '-o', made, path);
    expect(readFileSync(made).equals(readFileSync(path.replace(/pack$/, 'idx')))).toBe(true);
    expect(fs.statSync(path).mode & 0o777).toBe(0o444);
  });

  test('is read by isomorphic-git', async () => {
    const { dir } = tempRepo();
    const { store } = await openStore(dir);
    const root = filled(450);
    writeFileSync(join(root, 'incompressible'), createHash('sha512').update('x').digest());
    for (const { path, oid } of await ingest(store, root)) {
      const { blob } = await isomorphic.readBlob({ fs, dir, oid });
      expect(Buffer.from(blob).equals(readFileSync(join(root, path)))).toBe(true);
    }
  });

  test('holds content that occurs twice once, and what is known or in a pack already not at all', async () => {
    const { dir, git } = tempRepo();
    const { store } = await openStore(dir);
    const root = filled(900, (i) => `content ${i % 300}`);
    const files = await ingest(store, root);
    expect(git('count-objects', '-v')).toMatch(/in-pack: 300\npacks: 1\n/);

    const again = await store.beginIngest(latin1(root), { store: true });
    writeFileSync(join(root, 'new'), 'new');
    const known = files.map(({ path, oid }) => ({ path, knownOid: oid }));
    expect((await again.addFiles([...known, { path: 'new' }])).length).toBe(901);
    await again.finish();
    expect(git('count-objects', '-v')).toMatch(/in-pack: 301\npacks: 2\n/);

    await ingest(store, root);
    expect(git('count-objects', '-v')).toMatch(/in-pack: 301\npacks: 2\n/);
  });

  test('holds large files, streamed', async () => {
    const { dir, git } = tempRepo();
    const { store } = await openStore(dir);
    const root = tempDir();
    const contents = [Buffer.alloc(5 << 20, 'text '), Buffer.alloc(6 << 20), Buffer.alloc(5 << 20, 'text ')];
    contents.push(
      Buffer.concat(Array.from({ length: 80_000 }, (_, i) => createHash('sha512').update(`${i}`).digest())),
    );
    for (const [i, content] of contents.entries()) writeFileSync(join(root, `large${i}`), content);
    const steps: number[] = [];
    const into = await store.beginIngest(latin1(root), { store: true });
    const files = await into.addFiles(
      contents.map((_, i) => ({ path: `large${i}` })),
      (done, total) => steps.push(done / total),
    );
    await into.finish();
    expect(files.map((file) => file.sha256)).toEqual(contents.map(sha256));
    expect(files.map(({ oid }) => oid)).toEqual(contents.map((_, i) => git('hash-object', join(root, `large${i}`))));
    expect(steps.at(-1)).toBe(1);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    git('fsck', '--strict', '--full', '--no-dangling');
    const { digests } = await store.digestBlobs(files.map(({ oid }) => oid));
    expect(files.every(({ oid, sha256: digest }) => digests.get(oid)?.sha256 === digest)).toBe(true);
    expect(compressionLevel(contents[3] ?? Buffer.alloc(0))).toBe(0);
  });

  test('a large file that changes after it was hashed is hashed again, and what was written of it is taken back', async () => {
    const { dir, git } = tempRepo();
    const root = tempDir();
    writeFileSync(join(root, 'a'), Buffer.alloc(3 << 20, 'before'));
    writeFileSync(join(root, 'b'), 'constant');
    const unsteady = 'refuse';
    const hashed = ['a', 'b'].flatMap((path) => {
      const file = hashFile({ root, path, unsteady }, SHA1, () => {});
      return file === undefined ? [] : [{ path, hashed: file }];
    });
    writeFileSync(join(root, 'a'), Buffer.alloc(3 << 20, 'behind'));
    const objectDirectory = join(dir, '.git/objects');
    const task = { kind: 'pack', root, objectDirectory, fsync: false, unsteady, files: hashed } as const;
    const { pack, files } = await packFiles(task, SHA1, () => {});
    publishPacks(objectDirectory, [pack], { fsync: false });
    expect(files[0]?.oid).toBe(git('hash-object', join(root, 'a')));
    expect(git('count-objects', '-v')).toMatch(/in-pack: 2\n/);
    git('fsck', '--strict', '--full', '--no-dangling');
  });

  test('of a large file that grows, what was hashed is kept; of one that changes, what is there; none of one that is gone', async () => {
    const { dir, git } = tempRepo();
    const root = tempDir();
    const unsteady = 'take';
    const content = (word: string) => Buffer.alloc(3 << 20, word);
    for (const path of ['grows', 'changes', 'goes']) writeFileSync(join(root, path), content(path));
    const hashed = ['grows', 'changes', 'goes'].flatMap((path) => {
      const file = hashFile({ root, path, unsteady }, SHA1, () => {});
      return file === undefined ? [] : [{ path, hashed: file }];
    });
    expect(hashFile({ root, path: 'gone', unsteady }, SHA1, () => {})).toBeUndefined();
    const grown = git('hash-object', join(root, 'grows'));
    fs.appendFileSync(join(root, 'grows'), 'more');
    writeFileSync(join(root, 'changes'), content('differs'));
    fs.rmSync(join(root, 'goes'));
    const objectDirectory = join(dir, '.git/objects');
    const task = { kind: 'pack', root, objectDirectory, fsync: false, unsteady, files: hashed } as const;
    const { pack, files } = await packFiles(task, SHA1, () => {});
    publishPacks(objectDirectory, [pack], { fsync: false });
    expect(files.map((file) => file?.oid)).toEqual([grown, git('hash-object', join(root, 'changes')), undefined]);
    git('fsck', '--strict', '--full', '--no-dangling');
  });

  test('a large file that is the same as one that changes meanwhile is kept', async () => {
    const { dir, git } = tempRepo();
    const root = tempDir();
    for (const path of ['a', 'b']) writeFileSync(join(root, path), Buffer.alloc(3 << 20, 'same'));
    const { repository } = await openStore(dir);
    const runner = new ObjectTaskRunner(repository);
    let isFirst = true;
    const run = async (
      tasks: readonly (() => ObjectTask)[],
      { onResult }: { onResult?: (...of: unknown[]) => void },
    ) => {
      const results: unknown[] = [];
      for (const [i, make] of tasks.entries()) {
        const task = make();
        // Both are hashed by then, and neither is written.
        if (task.kind === 'pack' && isFirst) writeFileSync(join(root, 'a'), Buffer.alloc(3 << 20, 'else'));
        isFirst &&= task.kind !== 'pack';
        results.push(await runner.run(task, 1, () => {}));
        onResult?.(results.at(-1), i);
      }
      return results;
    };
    const pool = { width: 1, run } as unknown as WorkerPool;
    const packs = new PackSet([repository.objectDirectory], repository.format);
    const common = { repository, pool, packs, root, store: true, unsteady: 'refuse', fsync: false } as const;
    const ingested = await ingestLarge({ ...common, stored: new Set(), meter: () => {} }, [
      { path: 'a' },
      { path: 'b' },
    ]);
    publishPacks(repository.objectDirectory, ingested.packs, { fsync: false });
    const files = ingested.files.flatMap((file) => file ?? []);
    expect(files.map(({ oid }) => oid)).toEqual(['a', 'b'].map((path) => git('hash-object', join(root, path))));
    expect(files[0]?.oid).not.toBe(files[1]?.oid);
    for (const { oid } of files) expect(git('cat-file', '-s', oid)).toBe(String(3 << 20));
  });

  test('names of files that are not UTF-8, and odd ones, are kept as bytes', async () => {
    const { dir } = tempRepo();
    const { store } = await openStore(dir);
    const root = tempDir();
    const names = ['caf\xe9', '\xff\xfe', 'new\nline', '-n', ' ', 'gr\xc3\xbc\xc3\x9fe', '"quoted"'];
    for (const name of names)
      writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, 'latin1')]), name);
    fs.symlinkSync(Buffer.from('to/\xe9', 'latin1'), join(root, 'link'));
    const files = await ingest(store, root);
    expect(files.map(({ path }) => path).sort()).toEqual([...names, 'link'].sort());
    const link = files.find(({ path }) => path === 'link');
    expect(await store.readObject(link?.oid ?? ('' as Oid))).toMatchObject({ body: 'to/\xe9' });
    const out = latin1(tempDir());
    await store.restoreBlobs(
      files.map(({ oid, path }) => ({
        oid,
        destination: `${out}/${path}`,
        permissions: 0o640,
        symlink: path === 'link',
      })),
    );
    expect(readdirSync(out, { encoding: 'latin1' }).sort()).toEqual([...names, 'link'].sort());
    expect(fs.readlinkSync(join(out, 'link'), 'latin1')).toBe('to/\xe9');
  });
});

test('random files get the names that git hash-object gives them', async () => {
  const { dir, git } = tempRepo();
  const { store } = await openStore(dir);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 60 }),
      async (contents) => {
        const root = tempDir();
        for (const [i, content] of contents.entries()) writeFileSync(join(root, `${i}`), content);
        const into = await store.beginIngest(latin1(root), { store: true });
        const files = await into.addFiles(contents.map((_, i) => ({ path: `${i}` })));
        await into.finish();
        const names = git('hash-object', '--no-filters', ...contents.map((_, i) => join(root, `${i}`)));
        expect(files.map(({ oid }) => oid).join('\n')).toBe(names);
        expect(files.map((file) => file.sha256)).toEqual(contents.map(sha256));
        const read = await store.readObjects(files.map(({ oid }) => oid));
        expect(read.map(({ body }) => body)).toEqual(
          contents.map((content) => Buffer.from(content).toString('latin1')),
        );
      },
    ),
    { numRuns: 12 },
  );
  git('fsck', '--strict', '--full', '--no-dangling');
});

describe('the formats', () => {
  test('entry headers hold any size', () => {
    const sizes = fc.oneof(fc.nat(), fc.integer({ min: 2 ** 31, max: Number.MAX_SAFE_INTEGER }));
    fc.assert(
      fc.property(sizes, (size) => {
        const header = entryHeader('blob', size);
        expect(parseEntryHeader(header)).toEqual({ typeCode: 3, size, length: header.length });
        expect(parseEntryHeader(header.subarray(0, -1))).toBe(undefined);
      }),
    );
  });

  test.each([SHA1, SHA256])('an index holds offsets above 2^31 and 2^32, and git reads it ($name)', (format) => {
    const offsets = [12, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 5 * 2 ** 30];
    const names = offsets.map((_, i) => createHash(format.name).update(`${i}`).digest());
    const oids = names.map((name) => name.toString('hex') as Oid);
    const entries = oids.map((oid, i) => ({ oid, crc32: i + 1, offset: offsets[i] ?? 0 }));
    const bytes = encodePackIndex(format, entries, Buffer.alloc(format.rawLength, 7));
    const shown = execFileSync('git', ['show-index', `--object-format=${format.name}`], {
      input: bytes,
      encoding: 'utf8',
    });
    const expected = entries.map(({ oid, crc32, offset }) => `${offset} ${oid} (0000000${crc32})`);
    expect(shown.trim().split('\n').sort()).toEqual(expected.sort());
    const index = PackIndex.parse(format, bytes);
    expect(names.map((name) => index?.find(name))).toEqual(offsets);
    expect(index?.find(Buffer.alloc(format.rawLength))).toBe(undefined);
    const end = 6 * 2 ** 30;
    const lengths = (some: readonly number[]) => [...(index?.lengths(Float64Array.from(some), end) ?? [])];
    expect(lengths(offsets.toSorted((a, b) => a - b))).toEqual([2 ** 31 - 13, 1, 2 ** 31 + 5, 2 ** 30 - 5, 2 ** 30]);
    expect(lengths([2 ** 31, 5 * 2 ** 30])).toEqual([2 ** 31 + 5, 2 ** 30]);
    expect(PackIndex.parse(format, bytes.subarray(0, 1100))).toBe(undefined);
  });
});

describe('objects are read', () => {
  test('after git gc, when they are deltas', async () => {
    const { dir, git } = tempRepo();
    const { store } = await openStore(dir);
    const files = await ingest(
      store,
      filled(2200, (i) => `${'a long common beginning\n'.repeat(60)}${i}\n`),
    );
    const tree = `${files.map(({ path, oid }) => `100644 blob ${oid}\t${path}`).join('\n')}\n`;
    const made = execFileSync('git', ['mktree'], { cwd: dir, input: tree, encoding: 'utf8' }).trim();
    git('update-ref', 'refs/snapshots/x', made);
    git('repack', '-adfq');
    git('gc', '-q', '--prune=now');
    expect(git('verify-pack', '-s', join(dir, '.git/objects/pack', packsOf(dir)[0] ?? ''))).toContain(
      'chain length = ',
    );
    // One store that knew the old packs, and one that did not.
    for (const reader of [store, (await openStore(dir)).store]) {
      const { digests, faults } = await reader.digestBlobs(files.map(({ oid }) => oid));
      expect(faults.size).toBe(0);
      const described = await reader.describeObjects([made as Oid, ...files.map(({ oid }) => oid)]);
      expect(described.get(made as Oid)).toEqual({ type: 'tree', size: Number(git('cat-file', '-s', made)) });
      expect(
        files.every(({ oid, size }) => described.get(oid)?.type === 'blob' && described.get(oid)?.size === size),
      ).toBe(true);
      expect(files.every(({ oid, sha256: digest }) => digests.get(oid)?.sha256 === digest)).toBe(true);
      const out = tempDir();
      const blobs = files.map(({ oid, path }) => ({
        oid,
        destination: join(out, path),
        permissions: 0o600,
        symlink: false,
      }));
      expect((await reader.restoreBlobs(blobs)).map((digest) => digest.sha256)).toEqual(
        files.map((file) => file.sha256),
      );
    }
  });

  test('from alternates, and in a linked working tree', async () => {
    const { dir, git } = tempRepo();
    const { store } = await openStore(dir);
    const files = await ingest(store, filled(40));
    const other = join(tempDir(), 'shared');
    git('clone', '-q', '--shared', dir, other);
    git('commit', '-q', '--allow-empty', '-m', 'one');
    const linked = join(tempDir(), 'linked');
    git('worktree', 'add', '-q', '-b', 'side', linked);
    for (const place of [other, linked]) {
      const { store: there } = await openStore(place);
      const { digests } = await there.digestBlobs(files.map(({ oid }) => oid));
      expect(digests.size).toBe(new Set(files.map(({ oid }) => oid)).size);
      const [oid = '' as Oid] = await there.writeObjects([{ type: 'blob', body: `from ${place}` }]);
      await there.updateRefs([{ name: 'refs/snapshots/here', from: null, to: oid }], 'test');
      expect(await there.readRef('refs/snapshots/here')).toBe(oid);
    }
    // The linked one shares its refs.
    expect(await store.readRef('refs/snapshots/here')).not.toBe(null);
  });

  test.each([
    ['loose', '1000'],
    ['packed', '1'],
  ])('in a hook of a server: what is pushed, %s, lies apart from what was there', async (_, unpackLimit) => {
    const [there, here] = [tempRepo('--bare'), tempRepo()];
    there.git('config', 'receive.unpackLimit', unpackLimit);
    const commit = (content: string) => {
      writeFileSync(join(here.dir, content), content);
      here.git('add', '.');
      here.git('commit', '-q', '-m', content);
      return here.git('rev-parse', `HEAD:${content}`) as Oid;
    };
    const blobs = [commit('old, and packed')];
    here.git('push', '-q', there.dir, 'main');
    there.git('repack', '-q', '-a', '-d');
    blobs.push(commit('old, and loose'));
    there.git('config', 'receive.unpackLimit', '1000');
    here.git('push', '-q', there.dir, 'main');
    there.git('config', 'receive.unpackLimit', unpackLimit);
    blobs.push(commit('new'));
    // The hook says in which surroundings it runs, and refuses.
    const hook = join(there.dir, 'hooks/pre-receive');
    writeFileSync(
      hook,
      `#!/bin/sh\npwd >"$GIT_DIR/seen"\nenv | grep ^GIT_ >>"$GIT_DIR/seen"\ncp -r "$GIT_OBJECT_DIRECTORY" "$GIT_DIR/kept"\nexit 1\n`,
    );
    chmodSync(hook, 0o755);
    expect(() => here.git('push', '-q', there.dir, 'main')).toThrow('pre-receive hook declined');
    const [cwd = '', ...lines] = readFileSync(join(there.dir, 'seen'), 'utf8').trimEnd().split('\n');
    const env = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s) as [string, string]));
    const kept = join(there.dir, 'kept');
    fs.renameSync(kept, resolve(cwd, env['GIT_OBJECT_DIRECTORY'] ?? ''));
    const { store } = await openStore(cwd, { env });
    const { digests, faults } = await store.digestBlobs(blobs);
    expect(faults).toEqual(new Map());
    expect(blobs.map((oid) => digests.get(oid)?.sha256)).toEqual(
      ['old, and packed', 'old, and loose', 'new'].map((text) => sha256(Buffer.from(text))),
    );
    expect(await store.readObjects(blobs)).toHaveLength(3);
  });
});

describe('corruption is found:', () => {
  test('a loose object swapped for another', async () => {
    const { dir } = tempRepo();
    const { store } = await openStore(dir);
    const [a = '' as Oid, b = '' as Oid] = await store.writeObjects([
      { type: 'blob', body: 'good' },
      { type: 'blob', body: 'evil' },
    ]);
    const file = (oid: Oid) => join(dir, '.git/objects', oid.slice(0, 2), oid.slice(2));
    chmodSync(file(a), 0o644);
    writeFileSync(file(a), readFileSync(file(b)));
    await expect(store.readObject(a)).rejects.toThrow(MalformedError);
    const { faults, digests } = await store.digestBlobs([a, b]);
    expect([...faults.keys()]).toEqual([a]);
    expect([...digests.keys()]).toEqual([b]);
    const out = join(tempDir(), 'out');
    const blob = { oid: a, destination: out, permissions: 0o644, symlink: false };
    await expect(store.restoreBlobs([blob])).rejects.toThrow(MalformedError);
    expect(fs.existsSync(out)).toBe(false);
  });

  test.each([
    ['emptied', () => Buffer.alloc(0)],
    ['cut off', (content: Buffer) => content.subarray(0, content.length >> 1)],
    ['overwritten', (content: Buffer) => Buffer.alloc(content.length, 0xaa)],
  ])('a loose object %s; the others are still read', async (_, damage) => {
    const { dir } = tempRepo();
    const { store } = await openStore(dir);
    const bodies = Array.from({ length: 9 }, (_, i) => `${i} `.repeat(5000 + i));
    const oids = await store.writeObjects(bodies.map((body) => ({ type: 'blob' as const, body })));
    const bad = oids[4] ?? ('' as Oid);
    const file = join(dir, '.git/objects', bad.slice(0, 2), bad.slice(2));
    chmodSync(file, 0o644);
    writeFileSync(file, damage(readFileSync(file)));
    await expect(store.readObjects(oids)).rejects.toThrow(MalformedError);
    const { digests, faults } = await store.digestBlobs(oids);
    expect([...faults.keys()]).toEqual([bad]);
    expect(digests.size).toBe(8);
    expect(await store.readObject(oids[8] ?? bad)).toMatchObject({ body: bodies[8] });
  });

  test.each([4, 5 << 20])('an entry of %i bytes that an index gives under another name', async (size) => {
    const { dir, git } = tempRepo();
    const good = Buffer.alloc(size, 'good');
    const oid = execFileSync('git', ['hash-object', '--stdin'], {
      cwd: dir,
      input: good,
      encoding: 'utf8',
    }).trim() as Oid;
    const objectDirectory = join(dir, '.git/objects');
    const writer = new PackWriter({ objectDirectory, format: SHA1, fsync: false });
    writer.addEntry(oid, objectEntry('blob', Buffer.alloc(size, 'evil')));
    publishPacks(objectDirectory, [writer.seal()], { fsync: false });
    // Plain git gives out the wrong bytes.
    expect(git('cat-file', 'blob', oid)).toMatch(/^evil/);
    const { store } = await openStore(dir);
    expect([...(await store.digestBlobs([oid])).faults.keys()]).toEqual([oid]);
    const destination = join(tempDir(), 'file');
    const restored = store.restoreBlobs([{ oid, destination, permissions: 0o644, symlink: false }]);
    await expect(restored).rejects.toThrow(MalformedError);
    expect(fs.existsSync(destination)).toBe(false);
  });

  test('a bit flipped in a pack, wherever it is', async () => {
    const { dir, git } = tempRepo();
    const { store } = await openStore(dir, { threads: 0 });
    const files = await ingest(
      store,
      filled(60, (i) => `${i} `.repeat(20 + i)),
    );
    const pack = join(dir, '.git/objects/pack', packsOf(dir)[0] ?? '');
    const good = readFileSync(pack);
    chmodSync(pack, 0o644);
    const places = git('verify-pack', '-v', pack)
      .split('\n')
      .filter((line) => / blob /.test(line));
    for (const line of places.slice(0, 6)) {
      const [oid = '', , , length = '', offset = ''] = line.split(/ +/);
      const bad = Buffer.from(good);
      const at = Number(offset) + (Number(length) >> 1);
      bad.writeUInt8(bad.readUInt8(at) ^ 0x10, at);
      writeFileSync(pack, bad);
      const { store: reader } = await openStore(dir, { threads: 0 });
      const { faults, digests } = await reader.digestBlobs(files.map((file) => file.oid));
      expect([...faults.keys()]).toEqual([oid]);
      expect(digests.size).toBe(59);
    }
    rmSync(pack);
    mkdirSync(join(dir, 'empty'));
    const { store: reader } = await openStore(dir, { threads: 0 });
    expect((await reader.digestBlobs(files.map((file) => file.oid))).faults.size).toBe(60);
  });
});
