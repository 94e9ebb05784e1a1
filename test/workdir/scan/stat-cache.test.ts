import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Oid, SHA1, SHA256 } from '../../../src/core/oid.ts';
import { sha256 } from '../../../src/workdir/stat-cache/cache-state.ts';
import { BASELINE_TAG, cleanTreesOf, ingest, makeSet, type ScannedSet } from '../../support/scanned-set.ts';

const quick = (set: ScannedSet) => set.reopen().scan({ baselineAlive: () => true, full: false });
const known = async (set: ScannedSet) =>
  Object.fromEntries((await set.scanAll()).entries.map(({ path, known: k }) => [path, k !== undefined]));

/** Waits until what was written before is older than any racy moment: the next whole second and a margin. */
const settle = () => new Promise((done) => setTimeout(done, 1130 - (Date.now() % 1000)));

async function settledSet(files: readonly string[], options = {}): Promise<ScannedSet> {
  const set = makeSet(options);
  for (const file of files) {
    mkdirSync(join(set.root, file, '..'), { recursive: true });
    writeFileSync(join(set.root, file), file);
  }
  await settle();
  await set.snapshot();
  return set;
}

const FILES = ['a/1', 'a/2', 'b/4', 'b/c/3', 'top'];

describe('the stat cache', () => {
  it('tells without a list that nothing has changed', async () => {
    const set = await settledSet(FILES);
    const scan = await quick(set);
    expect(scan).toMatchObject({ outcome: 'unchanged', baseline: { tag: BASELINE_TAG, files: FILES.length } });
    expect(set.asked()).toBe(1);
  });

  it.each([SHA1, SHA256])('has an index that git reads, in a $name repository', async (format) => {
    const set = makeSet({ format });
    writeFileSync(Buffer.from(`${set.root}/\xff${'n'.repeat(200)}`, 'latin1'), 'odd name');
    mkdirSync(join(set.root, 'x'.repeat(250), 'y'.repeat(250), 'z'.repeat(250)), { recursive: true });
    writeFileSync(join(set.root, 'x'.repeat(250), 'y'.repeat(250), 'z'.repeat(250), 'file'), 'deep');
    writeFileSync(join(set.root, 'run'), '#!');
    chmodSync(join(set.root, 'run'), 0o700);
    symlinkSync('run', join(set.root, 'link'));
    await settle();
    const entries = await set.snapshot();
    const listed = execFileSync('git', ['ls-files', '--stage', '-z'], {
      cwd: join(set.root, '..'),
      encoding: 'latin1',
      env: { ...process.env, GIT_INDEX_FILE: join(set.cacheDir, 'index') },
    });
    const modes: Record<string, string> = { run: '100755', link: '120000' };
    const expected = entries.map(({ path, oid }) => `${modes[path] ?? '100644'} ${oid} 0\t${path}\0`);
    expect(listed).toBe(expected.join(''));
    expect((await quick(set)).outcome).toBe('unchanged');
  });

  it('vouches for all but what changed, and gives the trees of directories without a change', async () => {
    const set = await settledSet(FILES);
    writeFileSync(join(set.root, 'a/2'), 'x/x');
    writeFileSync(join(set.root, 'b/new'), '');
    expect(await known(set)).toEqual({
      'a/1': true,
      'a/2': false,
      'b/4': true,
      'b/c/3': true,
      'b/new': false,
      top: true,
    });
    const scan = await set.scanAll();
    const now = scan.entries.map((entry) => ingest(set.root, entry, SHA1));
    expect([...cleanTreesOf(scan, now).keys()]).toEqual(['b/c']);
  });

  it('does not vouch for what is as young as the scan', async () => {
    const set = makeSet();
    writeFileSync(join(set.root, 'young'), 'one');
    writeFileSync(join(set.root, 'empty'), '');
    await set.snapshot();
    writeFileSync(join(set.root, 'young'), 'two');
    expect(await known(set)).toEqual({ young: false, empty: false });
  });

  it('does not go on to vouch for what is young again since the clock was set back', async () => {
    const set = await settledSet(FILES);
    expect(Object.values(await known(set))).toEqual(FILES.map(() => true));
    await set.snapshot(set.reopen({ nowMs: () => Date.now() - 3_600_000 }));
    expect(Object.values(await known(set))).toEqual(FILES.map(() => false));
  });

  it.each([SHA1, SHA256])('is the same to the byte, changed or written anew, in a $name repository', async (format) => {
    const names = Array.from({ length: 40 }, (_, i) => `d${i % 4}/${'n'.repeat(i + 1)}`);
    const set = await settledSet(names, { format });
    mkdirSync(join(set.root, 'd1/empty'));
    linkSync(join(set.root, names[20] ?? ''), join(set.root, 'another name'));
    symlinkSync('d0', join(set.root, 'link'));
    for (const i of [3, 4, 5, 17, 39]) writeFileSync(join(set.root, names[i] ?? ''), 'other');
    for (const i of [0, 9, 10, 38]) rmSync(join(set.root, names[i] ?? ''), { force: true, recursive: true });
    for (const name of ['d0/new', 'zz', 'd2x']) writeFileSync(join(set.root, name), name);
    await settle();
    await set.snapshot();
    writeFileSync(join(set.root, 'd3/more\\\n'), 'a name that manifests escape');
    await settle();
    await set.snapshot();
    const anew = `${set.cacheDir}-anew`;
    await set.snapshot(set.reopen({ cacheDir: anew }));
    for (const name of ['index', 'manifest', 'stats', 'directories']) {
      expect(readFileSync(join(set.cacheDir, name)).equals(readFileSync(join(anew, name))), name).toBe(true);
    }
  });

  it('reads anew a directory that is as young as the scan, and then no more', async () => {
    const set = await settledSet(FILES);
    writeFileSync(join(set.root, 'b/passing'), '');
    rmSync(join(set.root, 'b/passing'));
    const before = readFileSync(join(set.cacheDir, 'directories'), 'latin1');
    expect((await quick(set)).outcome).toBe('unchanged');
    await new Promise((done) => setTimeout(done, 150));
    expect((await quick(set)).outcome).toBe('unchanged');
    expect(readFileSync(join(set.cacheDir, 'directories'), 'latin1')).not.toBe(before);
  });

  it('is not used when its baseline is gone', async () => {
    const set = await settledSet(FILES);
    const { entries, cached } = await set.scanAfresh();
    expect(entries.filter((entry) => entry.known !== undefined)).toEqual([]);
    expect(cached).toBeUndefined();
    expect(set.asked()).toBe(0);
  });

  it('is not believed by who has another key, and neither used nor written by who has none', async () => {
    const set = await settledSet(FILES);
    for (const authenticator of [async () => sha256, async () => undefined]) {
      const { entries } = await set.scanAll(set.reopen({ authenticator }));
      expect(entries.filter((entry) => entry.known !== undefined)).toEqual([]);
    }
    const cacheDir = `${set.cacheDir}-none`;
    await set.snapshot(set.reopen({ cacheDir, authenticator: async () => undefined }));
    expect(existsSync(join(cacheDir, 'state'))).toBe(false);
    expect(existsSync(join(cacheDir, 'index'))).toBe(false);
    expect(Object.values(await known(set))).not.toContain(false);
  });

  it('keeps what it knows of content when the rules change', async () => {
    const set = await settledSet(FILES);
    const scan = await set.reopen({ exclude: ['top'] }).scan({ baselineAlive: () => true, full: false });
    if (scan.outcome !== 'scanned') throw new Error('expected a list');
    expect(scan.entries.map((entry) => [entry.path, entry.known !== undefined])).toEqual(
      ['a/1', 'a/2', 'b/4', 'b/c/3'].map((path) => [path, true]),
    );
  });

  it('sees a new ignore file, a changed one, and one that is gone', async () => {
    const set = await settledSet(FILES);
    writeFileSync(join(set.root, 'b/.snapshotignore'), 'c/\n');
    expect(Object.keys(await known(set))).toEqual(['a/1', 'a/2', 'b/.snapshotignore', 'b/4', 'top']);
    await settle();
    await set.snapshot();
    writeFileSync(join(set.root, 'b/.snapshotignore'), '4\n');
    expect(Object.keys(await known(set))).toEqual(['a/1', 'a/2', 'b/.snapshotignore', 'b/c/3', 'top']);
    await settle();
    await set.snapshot();
    rmSync(join(set.root, 'b/.snapshotignore'));
    expect(Object.keys(await known(set))).toEqual(FILES);
  });

  it('follows no link that took the place of a directory', async () => {
    const set = await settledSet(FILES);
    renameSync(join(set.root, 'b'), join(set.root, '../elsewhere'));
    symlinkSync('a', join(set.root, 'b'));
    expect(await known(set)).toEqual({ 'a/1': true, 'a/2': true, b: false, top: true });
  });

  it('refuses what it meets in a directory that changed', async () => {
    const set = await settledSet(FILES);
    execFileSync('mkfifo', [join(set.root, 'a/fifo')]);
    await expect(quick(set)).rejects.toThrow('a/fifo: a FIFO');
    rmSync(join(set.root, 'a/fifo'));
    chmodSync(join(set.root, 'a/1'), 0o4755);
    await expect(quick(set)).rejects.toThrow('a/1: a file with a setuid');
  });

  it('forgets nothing that was left alone when it was saved', async () => {
    const set = await settledSet(FILES, { unfit: 'leave-alone' });
    execFileSync('mkfifo', [join(set.root, 'b/fifo')]);
    mkdirSync(join(set.root, 'run/only'), { recursive: true });
    execFileSync('mkfifo', [join(set.root, 'run/only/fifo')]);
    const unfit = ['b/fifo', 'run/only/fifo'].map((path) => ({ path, what: 'a FIFO' }));
    const look = async () =>
      (await set.reopen().scan({ baselineAlive: () => true, full: false, unfit: 'leave-alone' })).unfit;
    // Over a cache from before they were made, one that such a look has brought up to date, and one that was saved with them there.
    for (const saved of [false, false, true]) {
      if (saved) {
        await settle();
        await set.snapshot();
      }
      expect((await set.scanAll()).unfit).toEqual(unfit);
      expect(await look()).toEqual(unfit);
      await expect(quick(set)).rejects.toThrow(/b\/fifo: a FIFO\n {2}run\/only\/fifo: a FIFO/);
    }
    rmSync(join(set.root, 'b/fifo'));
    rmSync(join(set.root, 'run'), { recursive: true });
    expect((await quick(set)).outcome).toBe('unchanged');
  });

  it('keeps the list of excluded paths over scans that read nothing', async () => {
    const set = await settledSet(['keep', 'a.log', 'sub/b.log'], { exclude: ['*.log'] });
    writeFileSync(join(set.root, 'c.log'), '');
    expect((await set.scanAll()).excluded.map(({ path }) => path).sort()).toEqual(['a.log', 'c.log', 'sub/b.log']);
  });

  it('is not needed: a cache that cannot be written is no error', async () => {
    const set = makeSet({ cacheDir: '/dev/null/cache' });
    writeFileSync(join(set.root, 'file'), '');
    await set.snapshot();
    await set.workdir.setExpected(BASELINE_TAG);
    expect(await set.workdir.readExpected()).toBeUndefined();
    expect((await quick(set)).outcome).toBe('scanned');
  });

  it('is another thing than what the directory should be', async () => {
    const set = await settledSet(FILES);
    expect(await set.workdir.readExpected()).toBeUndefined();
    const other = '2'.repeat(40) as Oid;
    await set.workdir.setExpected(other);
    expect(await set.reopen().readExpected()).toBe(other);
    expect(await quick(set)).toMatchObject({ outcome: 'unchanged', baseline: { tag: BASELINE_TAG } });
    writeFileSync(join(set.cacheDir, 'expected'), other.slice(1));
    expect(await set.workdir.readExpected()).toBeUndefined();
  });

  it('stays right over ten thousand files', async () => {
    const set = makeSet();
    for (let d = 0; d < 100; d++) {
      mkdirSync(join(set.root, `d${d}`));
      for (let f = 0; f < 100; f++) writeFileSync(join(set.root, `d${d}/f${f}`), `${d} ${f}`);
    }
    await settle();
    await set.snapshot();
    expect((await quick(set)).outcome).toBe('unchanged');
    writeFileSync(join(set.root, 'd7/f7'), 'other');
    rmSync(join(set.root, 'd8/f8'));
    const scan = await set.scanAll();
    const { entries } = scan;
    expect(entries).toHaveLength(9999);
    expect(entries.filter((entry) => entry.known === undefined).map(({ path }) => path)).toEqual(['d7/f7']);
    const now = entries.map((entry) => ingest(set.root, entry, SHA1));
    expect(cleanTreesOf(scan, now).size).toBe(98);
  });
});

describe('a damaged cache', () => {
  let set: ScannedSet;
  let files: Map<string, Buffer>;

  const damage = fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.nat(7) }),
    fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
    fc.record({ kind: fc.constant('append' as const) }),
    fc.record({ kind: fc.constant('remove' as const) }),
  );

  it('is as good as none', async () => {
    set = await settledSet([...FILES, 'x.tmp'], { exclude: ['*.tmp'] });
    files = new Map(readdirSync(set.cacheDir).map((name) => [name, readFileSync(join(set.cacheDir, name))]));
    const expected = (await set.scanAfresh()).entries;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files.keys()), damage, fc.boolean(), async (name, how, edit) => {
        for (const [each, bytes] of files) writeFileSync(join(set.cacheDir, each), bytes);
        const bytes = Buffer.from(files.get(name) ?? '');
        const at = 'at' in how && bytes.length > 0 ? how.at % bytes.length : 0;
        if (how.kind === 'flip' && bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << how.bit);
        const written = { flip: bytes, cut: bytes.subarray(0, at), append: Buffer.concat([bytes, Buffer.from('x')]) };
        if (how.kind === 'remove') rmSync(join(set.cacheDir, name));
        else writeFileSync(join(set.cacheDir, name), written[how.kind]);
        if (edit) writeFileSync(join(set.root, 'a/1'), String(Math.random()).slice(0, 3));
        const { entries } = await set.scanAll();
        expect(entries.map(({ path, mode }) => [path, mode])).toEqual(expected.map(({ path, mode }) => [path, mode]));
        if (edit) expect(entries[0]?.known).toBeUndefined();
      }),
      { numRuns: Number(process.env['RUNS'] ?? 80) },
    );
  });
});
