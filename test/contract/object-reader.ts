import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { MalformedError, MissingObjectError } from '../../src/core/errors.ts';
import type { ObjectType, Oid } from '../../src/core/oid.ts';
import type { GitStore, ObjectReader } from '../../src/core/ports.ts';
import { type TempRepo, tempDir, tempRepo } from '../support/temp-repo.ts';

/** How to make what is to be judged. */
export interface ReaderMaker {
  /** Arguments of `git init`. */
  readonly init: readonly string[];
  /** Opens a reader of the repository, and a store that fills it. The reader must see what is stored later. */
  readonly open: (repo: TempRepo) => Promise<{ readonly reader: ObjectReader; readonly writer: GitStore }>;
}

const bytes = (text: string | Buffer) => Buffer.from(text).toString('latin1');
const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');
const IDENT = 'A <a@example.org> 1700000000 +0000';

/** What every {@link ObjectReader} has to do, whatever it is made of. */
export function objectReaderContract(name: string, { init, open }: ReaderMaker): void {
  describe(`${name} is an ObjectReader:`, () => {
    let reader: ObjectReader;
    let writer: GitStore;
    let repo: TempRepo;
    let gitDir: string;
    let absent: Oid;
    let none: Oid;

    beforeEach(async () => {
      repo = tempRepo(...init);
      ({ reader, writer } = await open(repo));
      gitDir = repo.git('rev-parse', '--absolute-git-dir');
      absent = 'd'.repeat(reader.format.hexLength) as Oid;
      none = '0'.repeat(reader.format.hexLength) as Oid;
    });

    const write = async (type: ObjectType, body: string): Promise<Oid> => {
      const [oid] = await writer.writeObjects([{ type, body }]);
      if (oid === undefined) throw new Error('no object written');
      return oid;
    };
    const blob = (content: string) => write('blob', content);
    const commit = async (parents: readonly string[], message: string): Promise<Oid> => {
      const lines = parents.map((parent) => `parent ${parent}\n`).join('');
      const tree = await write('tree', '');
      return write('commit', `tree ${tree}\n${lines}author ${IDENT}\ncommitter ${IDENT}\n\n${message}\n`);
    };
    const ref = (name: string, content: string) => {
      const file = join(gitDir, name);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, content);
    };
    const overwrite = (file: string, change: (content: Buffer) => Buffer) => {
      chmodSync(file, 0o644);
      writeFileSync(file, change(readFileSync(file)));
    };
    const looseFile = (oid: Oid) => join(gitDir, 'objects', oid.slice(0, 2), oid.slice(2));

    test('objects of every type are read, loose and packed', async () => {
      const content = await blob('some content\n');
      const raw = Buffer.from(content, 'hex').toString('latin1');
      const tree = await write('tree', `100644 name\xe9\0${raw}`);
      const objects: { type: ObjectType; body: string }[] = [
        { type: 'blob', body: 'some content\n' },
        { type: 'blob', body: '' },
        { type: 'tree', body: `100644 name\xe9\0${raw}` },
        { type: 'commit', body: `tree ${tree}\nauthor ${IDENT}\ncommitter ${IDENT}\n\nsubject\n` },
        { type: 'tag', body: `object ${tree}\ntype tree\ntag t\ntagger ${IDENT}\n\n\xff\xfe bytes\n` },
      ];
      const oids = await writer.writeObjects(objects);
      const readAll = async () => (await reader.readObjects(oids)).map(({ type, body }) => ({ type, body }));
      expect(await readAll()).toEqual(objects);
      for (const [i, oid] of oids.entries()) repo.git('update-ref', `refs/tags/${i}`, oid);
      repo.git('repack', '-adq');
      expect(readdirSync(join(gitDir, 'objects')).sort()).toEqual(['info', 'pack']);
      expect(await readAll()).toEqual(objects);
    });

    test('deltas are unfolded, also over several packs', async () => {
      const line = (i: number) => `${sha256(String(i))}\n`;
      const base = Array.from({ length: 300 }, (_, i) => line(i)).join('');
      const versions = Array.from({ length: 60 }, (_, i) => `${base}${'more '.repeat(i)}\n`);
      const oids: Oid[] = [];
      for (const [i, version] of versions.entries()) {
        oids.push(await blob(version));
        repo.git('update-ref', `refs/tags/${i}`, oids.at(-1) ?? '');
        if (i % 20 === 19) repo.git('repack', '-dq', '--depth=20');
      }
      const packs = () => readdirSync(join(gitDir, 'objects/pack')).filter((name) => name.endsWith('.pack'));
      expect(packs()).toHaveLength(3);
      expect((await reader.readObjects(oids)).map(({ body }) => body)).toEqual(versions);
      const { digests, faults } = await reader.digestBlobs(oids);
      expect(faults.size).toBe(0);
      expect(oids.map((oid) => digests.get(oid)?.sha256)).toEqual(versions.map(sha256));
      repo.git('repack', '-adfq', '--depth=50', '--window=50');
      expect(packs()).toHaveLength(1);
      expect((await reader.readObjects(oids)).map(({ body }) => body)).toEqual(versions);
    });

    test('a thousand reads at once come back in order', async () => {
      const contents = Array.from({ length: 1000 }, (_, i) => `content ${i % 700}`);
      const oids = await writer.writeObjects(contents.map((body) => ({ type: 'blob' as const, body })));
      expect((await reader.readObjects(oids)).map(({ body }) => body)).toEqual(contents);
    });

    test('reading what is not there says which object', async () => {
      const there = await blob('there');
      await expect(reader.readObjects([there, absent])).rejects.toThrow(MissingObjectError);
      await expect(reader.readObject(absent)).rejects.toMatchObject({ oid: absent, kind: 'not-found' });
      await expect(reader.readObject(there)).resolves.toEqual({ oid: there, type: 'blob', body: 'there' });
      await expect(reader.readObjects([])).resolves.toEqual([]);
    });

    test('an object whose bytes have another name is refused', async () => {
      const [one, two] = [await blob('one'), await blob('two')];
      overwrite(looseFile(one), () => readFileSync(looseFile(two)));
      await expect(reader.readObject(one)).rejects.toThrow(MalformedError);
      const { digests, faults } = await reader.digestBlobs([one, two]);
      expect([...faults.keys()]).toEqual([one]);
      expect(digests.get(two)).toEqual({ sha256: sha256('two'), size: 3 });
    });

    test('an object that is cut short, empty or no object at all is refused', async () => {
      const damages: ((content: Buffer) => Buffer)[] = [
        (content) => content.subarray(0, content.length - 8),
        (content) => content.subarray(0, 3),
        () => Buffer.alloc(0),
        () => Buffer.from('no object'),
      ];
      for (const [i, damage] of damages.entries()) {
        const oid = await blob(`object ${i} ${'x'.repeat(100)}`);
        overwrite(looseFile(oid), damage);
        await expect(reader.readObject(oid), `damage ${i}`).rejects.toMatchObject({ name: 'SnapshotError' });
        expect([...(await reader.digestBlobs([oid])).faults.keys()], `damage ${i}`).toEqual([oid]);
      }
    });

    test('no byte of a pack can be changed unnoticed', async () => {
      const oids: Oid[] = [];
      for (const i of [1, 2, 3]) oids.push(await blob(`blob ${i}: ${sha256(String(i)).repeat(20)}`));
      for (const [i, oid] of oids.entries()) repo.git('update-ref', `refs/tags/${i}`, oid);
      repo.git('repack', '-adq');
      const [pack = ''] = readdirSync(join(gitDir, 'objects/pack')).filter((name) => name.endsWith('.pack'));
      const file = join(gitDir, 'objects/pack', pack);
      const good = readFileSync(file);
      for (const at of [14, 40, good.length - 40]) {
        overwrite(file, () => {
          const bad = Buffer.from(good);
          bad[at] = (bad[at] ?? 0) ^ 0x55;
          return bad;
        });
        const { reader: fresh } = await open(repo);
        const { digests, faults } = await fresh.digestBlobs(oids);
        expect(faults.size, `byte ${at}`).toBeGreaterThan(0);
        expect(digests.size + faults.size).toBe(3);
      }
    });

    test('describing tells type and size of those that are there', async () => {
      const there = await blob('12345');
      const described = await reader.describeObjects([there, absent, there]);
      expect(described).toEqual(new Map([[there, { type: 'blob', size: 5 }]]));
      expect(await reader.describeObjects([])).toEqual(new Map());
    });

    test('blobs are digested wherever they lie, and what is wrong is told', async () => {
      const root = tempDir();
      // So many that threads read them.
      const names = Array.from({ length: 2200 }, (_, i) => `f${i}`);
      for (const name of names) writeFileSync(join(root, name), `${name} `.repeat(50));
      writeFileSync(join(root, 'big'), Buffer.alloc(5 << 20, 'big'));
      const into = await writer.beginIngest(bytes(root), { store: true });
      const files = await into.addFiles([...names, 'big'].map((path) => ({ path })));
      await into.finish();
      const loose = await blob('loose');
      const tree = await write('tree', '');
      const oids = [...files.map(({ oid }) => oid), loose];

      const steps: number[] = [];
      const wanted = [...oids, absent, tree, loose];
      const { digests, faults } = await reader.digestBlobs(wanted, (done) => steps.push(done));
      expect([...faults.keys()].sort()).toEqual([absent, tree].sort());
      expect(digests.size).toBe(oids.length);
      for (const { oid, sha256: digest, size } of files) expect(digests.get(oid)).toEqual({ sha256: digest, size });
      expect(digests.get(loose)).toEqual({ sha256: sha256('loose'), size: 5 });
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
    });

    test('refs are listed by whole components, and each as it is, not peeled', async () => {
      const [one, two] = [await blob('1'), await blob('2')];
      const tag = await write('tag', `object ${one}\ntype blob\ntag t\ntagger ${IDENT}\n\nm\n`);
      await writer.updateRefs(
        [
          { name: 'refs/snapshots/s/a', from: null, to: tag },
          { name: 'refs/snapshots/s/b', from: null, to: two },
          { name: 'refs/snapshots/s-other/c', from: null, to: two },
        ],
        'made',
      );
      const listed = [
        { name: 'refs/snapshots/s/a', oid: tag },
        { name: 'refs/snapshots/s/b', oid: two },
      ];
      const check = async () => {
        expect(await reader.listRefs('refs/snapshots/s/')).toEqual(listed);
        expect(await reader.listRefs('refs/snapshots/s/a')).toEqual(listed.slice(0, 1));
        expect(await reader.listRefs('refs/nothing/')).toEqual([]);
        expect(await reader.readRef('refs/snapshots/s/a')).toBe(tag);
        expect(await reader.readRef('refs/snapshots/s')).toBe(null);
        expect(await reader.readRef('refs/snapshots/none')).toBe(null);
      };
      await check();
      repo.git('pack-refs', '--all');
      await check();
      await writer.updateRefs([{ name: 'refs/snapshots/s/b', from: two, to: one }], 'moved');
      expect(await reader.readRef('refs/snapshots/s/b')).toBe(one);
      await writer.updateRefs([{ name: 'refs/snapshots/s/a', from: tag, to: null }], 'deleted');
      expect(await reader.listRefs('refs/snapshots/s/')).toEqual([{ name: 'refs/snapshots/s/b', oid: one }]);
    });

    test('packed, symbolic and broken refs are all listed', async () => {
      const to = await blob('x');
      await writer.updateRefs([{ name: 'refs/snapshots/s/packed', from: null, to }], 'test');
      repo.git('pack-refs', '--all');
      const loose: Record<string, string> = {
        absent: `${absent}\n`,
        garbage: 'garbage\n',
        empty: '',
        short: `${to.slice(1)}\n`,
        symbolic: 'ref: refs/snapshots/s/packed\n',
        twice: 'ref: refs/snapshots/s/symbolic\n',
        round: 'ref: refs/snapshots/s/round\n',
        dangling: 'ref: refs/heads/nowhere\n',
        'bad..name': `${to}\n`,
        'locked.lock': `${to}\n`,
      };
      for (const [name, content] of Object.entries(loose)) ref(`refs/snapshots/s/${name}`, content);
      expect(await reader.listRefs('refs/snapshots/s/')).toEqual([
        { name: 'refs/snapshots/s/absent', oid: absent },
        { name: 'refs/snapshots/s/bad..name', oid: none },
        { name: 'refs/snapshots/s/dangling', oid: none },
        { name: 'refs/snapshots/s/empty', oid: none },
        { name: 'refs/snapshots/s/garbage', oid: none },
        { name: 'refs/snapshots/s/packed', oid: to },
        { name: 'refs/snapshots/s/round', oid: none },
        { name: 'refs/snapshots/s/short', oid: none },
        { name: 'refs/snapshots/s/symbolic', oid: to },
        { name: 'refs/snapshots/s/twice', oid: to },
      ]);
      expect(await reader.readRef('refs/snapshots/s/dangling')).toBe(none);
      expect(await reader.readRef('refs/snapshots/s/symbolic')).toBe(to);
    });

    test('a chain is listed from its root, and a hole in it is an error', async () => {
      const root = await commit([], 'root');
      const side = await commit([], 'side');
      const next = await commit([root, side], 'next');
      const tip = await commit([next], 'tip');
      expect(await reader.listChain(tip)).toEqual([root, next, tip]);
      const broken = await commit([absent], 'broken');
      await expect(reader.listChain(await commit([broken], 'above'))).rejects.toMatchObject({ oid: absent });
      await expect(reader.listChain(absent)).rejects.toMatchObject({ oid: absent });
      await expect(reader.listChain(await blob('no commit'))).rejects.toMatchObject({ kind: 'untrusted' });
    });

    test('a chain is listed from one of its commits on, and from no other', async () => {
      const root = await commit([], 'root');
      const side = await commit([root], 'side');
      const next = await commit([root, side], 'next');
      const tip = await commit([next], 'tip');
      expect(await reader.listChainAfter(tip, root)).toEqual([next, tip]);
      expect(await reader.listChainAfter(tip, next)).toEqual([tip]);
      expect(await reader.listChainAfter(tip, tip)).toEqual([]);
      // By a second parent only, beside it, above it, and not there.
      for (const other of [side, await commit([root], 'beside'), await commit([tip], 'above'), absent])
        expect(await reader.listChainAfter(tip, other)).toBeUndefined();
      const long = [tip];
      for (let n = 0; n < 12; n++) long.push(await commit([long[n] as Oid], `${n}`));
      for (const from of [0, 3, 4, 5, 11])
        expect(await reader.listChainAfter(long[12] as Oid, long[from] as Oid)).toEqual(long.slice(from + 1));
      expect(await reader.listChainAfter(long[12] as Oid, side)).toBeUndefined();
    });

    test('grafts, replaced objects and a commit-graph change nothing', async () => {
      for (const message of ['one', 'two', 'three']) repo.git('commit', '-q', '--allow-empty', '-m', message);
      const commits = repo.git('rev-list', '--reverse', 'HEAD').split('\n');
      const tip = commits[2] as Oid;
      repo.git('commit-graph', 'write', '--reachable');
      repo.git('replace', '--graft', 'HEAD');
      ref('info/grafts', `${tip}\n`);
      const { reader: fresh } = await open(repo);
      expect(await fresh.listChain(tip)).toEqual(commits);
      expect((await fresh.readObject(tip)).body).toContain(`parent ${commits[1]}`);
    });

    test('the history of a shallow clone is an error, not a short chain', async () => {
      for (const message of ['one', 'two', 'three']) repo.git('commit', '-q', '--allow-empty', '-m', message);
      const dir = join(tempDir(), 'shallow');
      repo.git('clone', '-q', '--depth=2', `file://${repo.dir}`, dir);
      const { reader: shallow } = await open({ dir, git: (...args) => repo.git('-C', dir, ...args) });
      const tip = repo.git('rev-parse', 'HEAD') as Oid;
      await expect(shallow.listChain(tip)).rejects.toMatchObject({
        oid: repo.git('rev-parse', 'HEAD~2'),
        hint: expect.stringContaining('history is cut off'),
      });
    });
  });
}
