import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SnapshotError } from '../../../src/core/errors.ts';
import { planRollback } from '../../../src/core/rollback/plan.ts';
import type { DirectoryLock, StagedReplacement } from '../../../src/core/rollback/port.ts';
import { openDirectoryReplacer } from '../../../src/workdir/replace/directory-replacer.ts';
import {
  type DirectoryState,
  describeDirectory,
  describeState,
  makeDirectory,
  nameContent,
  restoreFrom,
  scanDirectory,
  targetEntries,
} from '../../support/directory-state.ts';
import { tempDir } from '../../support/temp-repo.ts';

const OLD: DirectoryState = {
  'a.txt': { file: 'old a' },
  'tree/one': { file: '1' },
  'tree/sub/two': { file: '2' },
  mode: { file: 'm' },
};
const NEW: DirectoryState = {
  'a.txt': { file: 'new a' },
  'fresh/x/y': { file: 'xy' },
  mode: { file: 'm', mode: 0o755 },
  'b.txt': { file: 'b' },
};
const HEADER = { from: 'old', to: 'new', startedAtSec: 1, context: { reason: 'test' } };

interface Scene {
  readonly dir: string;
  readonly root: string;
  readonly gitDir: string;
  readonly lock: DirectoryLock;
  readonly replacer: ReturnType<typeof openDirectoryReplacer>;
}

function open(dir: string) {
  return openDirectoryReplacer({ gitDir: join(dir, '.git'), set: 'artifacts', root: join(dir, 'artifacts') });
}

function scene(state: DirectoryState = OLD): Scene {
  const dir = tempDir();
  mkdirSync(join(dir, '.git'));
  if (Object.keys(state).length > 0) makeDirectory(join(dir, 'artifacts'), state);
  const replacer = open(dir);
  return { dir, root: join(dir, 'artifacts'), gitDir: join(dir, '.git'), replacer, lock: replacer.lock() };
}

function stage({ root, lock }: Scene, to: DirectoryState = NEW): StagedReplacement {
  const live = existsSync(root) ? scanDirectory(root) : [];
  const plan = planRollback({ live, target: targetEntries(to), excluded: [] });
  const staged = lock.stage({ plan, operation: randomBytes(8).toString('hex') });
  restoreFrom(to, staged.blobs);
  return staged;
}

/** Nothing of ours but what is named. */
function leftovers({ dir, gitDir, lock }: Scene): string[] {
  lock.release();
  const top = readdirSync(dir).filter((name) => name !== '.git' && name !== 'artifacts');
  return [
    ...top,
    ...readdirSync(join(gitDir, 'snapshot'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name !== 'replace',
    ),
  ].sort();
}

describe('replacing a directory', () => {
  it('makes the new content, tells what is still as it put it there, and leaves nothing behind', async () => {
    const s = scene();
    const applied = await stage(s).arm(HEADER).apply();
    expect(describeDirectory(s.root)).toEqual(describeState(NEW));
    const put = () => [...applied.stillAsPut()].map(([path, what]) => `${path}: ${what}`).sort();
    expect(put()).toEqual(['a.txt: whole', 'b.txt: whole', 'fresh/x/y: whole', 'mode: permissions']);
    for (const path of ['a.txt', 'fresh/x/y', 'mode']) appendFileSync(join(s.root, path), '!');
    expect(put()).toEqual(['b.txt: whole', 'mode: permissions']);
    expect(applied.finish()).toEqual({ files: [], stays: [] });
    expect(leftovers(s)).toEqual([]);
  });

  it('can go back after it was applied, to the very same files', async () => {
    const s = scene();
    const before = scanDirectory(s.root).map(({ path, stat }) => [
      path,
      stat.ino,
      stat.mtimeSec,
      stat.mtimeNsec,
      stat.mode,
    ]);
    const applied = await stage(s).arm(HEADER).apply();
    expect(await applied.revert()).toEqual({ files: [], stays: [] });
    expect(describeDirectory(s.root)).toEqual(describeState(OLD));
    expect(
      scanDirectory(s.root).map(({ path, stat }) => [path, stat.ino, stat.mtimeSec, stat.mtimeNsec, stat.mode]),
    ).toEqual(before);
    expect(leftovers(s)).toEqual([]);
  });

  it('makes a directory that was not there, and unmakes it', async () => {
    const s = scene({});
    const applied = await stage(s).arm(HEADER).apply();
    expect(describeDirectory(s.root)).toEqual(describeState(NEW));
    await applied.revert();
    expect(existsSync(s.root)).toBe(false);
    expect(leftovers(s)).toEqual([]);
  });

  it('is found unfinished by another process, which can end it either way', async () => {
    for (const end of ['apply', 'revert'] as const) {
      const s = scene();
      stage(s).arm(HEADER);
      const other = open(s.dir);
      expect(other.unfinished()).toMatchObject({ ...HEADER, heldBy: { pid: process.pid, host: undefined } });
      s.lock.release();
      expect(other.unfinished()).toMatchObject({ set: 'artifacts', ...HEADER, heldBy: undefined });
      const lock = other.lock();
      const pending = lock.pending();
      expect(() =>
        lock.stage({ plan: planRollback({ live: [], target: [], excluded: [] }), operation: 'ffffffff' }),
      ).toThrow(/unfinished/);
      if (end === 'apply') (await pending?.apply())?.finish();
      else await pending?.revert();
      expect(describeDirectory(s.root)).toEqual(describeState(end === 'apply' ? NEW : OLD));
      expect(other.unfinished()).toBeUndefined();
      expect(leftovers({ ...s, lock })).toEqual([]);
    }
  });

  it('is said to be unfinished where it began, with a way out, once the directory of the set is another one', () => {
    const s = scene();
    stage(s).arm(HEADER);
    s.lock.release();
    const elsewhere = openDirectoryReplacer({ gitDir: s.gitDir, root: join(s.dir, 'build'), set: 'artifacts' });
    const hintOf = () => {
      try {
        elsewhere.unfinished();
        return undefined;
      } catch (error) {
        return error instanceof SnapshotError && error.message.includes(s.root) ? error.hint : undefined;
      }
    };
    expect(hintOf()).toMatch(/^Take it back with "git rollback --abort"/);
    renameSync(s.root, join(s.dir, 'gone'));
    expect(hintOf()).toMatch(/^Move the repository back there/);
  });

  it('clears up after a process that died while it staged', () => {
    const s = scene();
    stage(s);
    expect(s.replacer.unfinished()).toBeUndefined();
    expect(s.lock.pending()).toBeUndefined();
    expect(leftovers(s)).toEqual([]);
    expect(describeDirectory(s.root)).toEqual(describeState(OLD));
  });

  it('does not touch another name of a file, be it replaced or only its mode', async () => {
    const s = scene();
    linkSync(join(s.root, 'a.txt'), join(s.dir, '.git', 'other-a'));
    linkSync(join(s.root, 'mode'), join(s.dir, '.git', 'other-mode'));
    (await stage(s).arm(HEADER).apply()).finish();
    expect(describeDirectory(s.root)).toEqual(describeState(NEW));
    expect(readFileSync(join(s.gitDir, 'other-a'), 'utf8')).toBe('old a');
    expect(statSync(join(s.gitDir, 'other-mode')).mode & 0o777).toBe(0o644);
  });

  it('sets permissions whatever the umask says', async () => {
    const umask = process.umask(0o077);
    try {
      const s = scene();
      (await stage(s).arm(HEADER).apply()).finish();
      expect(describeDirectory(s.root)).toEqual(describeState(NEW));
    } finally {
      process.umask(umask);
    }
  });
});

describe('a directory that somebody else changes', () => {
  // What is written there, by path, and what is then kept of it.
  const changes: [string, (root: string) => void, Record<string, string>][] = [
    ['a file is written to', (root) => appendFileSync(join(root, 'a.txt'), '!'), { 'a.txt': 'old a!' }],
    [
      'a file is written to, and its time put back',
      (root) => {
        const { atime, mtime } = statSync(join(root, 'a.txt'));
        writeFileSync(join(root, 'a.txt'), 'OLD A');
        utimesSync(join(root, 'a.txt'), atime, mtime);
      },
      { 'a.txt': 'OLD A' },
    ],
    [
      'a file is replaced',
      (root) => {
        writeFileSync(join(root, '..', 'moved-in'), 'old b');
        renameSync(join(root, '..', 'moved-in'), join(root, 'a.txt'));
      },
      { 'a.txt': 'old b' },
    ],
    ['a file is deleted', (root) => unlinkSync(join(root, 'a.txt')), {}],
    ['a directory is deleted', (root) => rmSync(join(root, 'tree'), { recursive: true }), {}],
    ['a mode is changed', (root) => chmodSync(join(root, 'mode'), 0o600), {}],
    [
      'a file appears where one will be made',
      (root) => writeFileSync(join(root, 'b.txt'), 'mine'),
      { 'b.txt': 'mine' },
    ],
    [
      'a file appears in a directory that will go',
      (root) => writeFileSync(join(root, 'tree/sub/mine'), 'mine'),
      { 'tree/sub/mine': 'mine' },
    ],
    [
      'a file is written to in a directory that will go',
      (root) => appendFileSync(join(root, 'tree/sub/two'), '!'),
      { 'tree/sub/two': '2!' },
    ],
  ];
  it.each(changes)(
    'after the scan is brought to the new state all the same, and nothing is lost: %s',
    async (_, change, kept) => {
      const s = scene();
      const staged = stage(s);
      change(s.root);
      const { files, stays } = (await staged.arm(HEADER).apply()).finish();
      expect(describeDirectory(s.root)).toEqual(describeState(NEW));
      expect(Object.fromEntries(files.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')]))).toEqual(kept);
      expect(stays).toEqual([]);
    },
  );

  it('after the scan goes back to what it was made', async () => {
    for (const [what, change, kept] of changes) {
      const s = scene();
      const staged = stage(s);
      change(s.root);
      const changed = describeDirectory(s.root);
      const { files } = await (await staged.arm(HEADER).apply()).revert();
      // What was in the way is kept instead.
      if (files.length === 0) expect(describeDirectory(s.root), what).toEqual(changed);
      else
        expect(Object.fromEntries(files.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')]))).toEqual(kept);
    }
  });

  it('is told of before anything is done', () => {
    const s = scene();
    const plan = planRollback({ live: scanDirectory(s.root), target: targetEntries(NEW), excluded: [] });
    expect([...s.lock.changedSince(plan)]).toEqual([]);
    appendFileSync(join(s.root, 'a.txt'), '!');
    unlinkSync(join(s.root, 'tree/one'));
    writeFileSync(join(s.root, 'tree/sub/mine'), '');
    writeFileSync(join(s.root, 'b.txt'), '');
    expect([...s.lock.changedSince(plan)].sort()).toEqual(['a.txt', 'b.txt', 'tree/one', 'tree/sub/mine']);
  });

  it('is left alone where a directory that stays became a link', () => {
    const s = scene();
    const staged = stage(s, { ...OLD, 'tree/one': { file: 'new' } });
    renameSync(join(s.root, 'tree'), join(s.dir, 'elsewhere'));
    symlinkSync('../elsewhere', join(s.root, 'tree'));
    const changed = describeDirectory(s.root);
    expect(() => staged.arm(HEADER)).toThrow(SnapshotError);
    staged.discard();
    expect(describeDirectory(s.root)).toEqual(changed);
    expect(s.replacer.unfinished()).toBeUndefined();
    expect(leftovers(s).filter((name) => !['elsewhere'].includes(name))).toEqual([]);
  });

  it('loses nothing of what is written into old files by whoever has them open', async () => {
    const s = scene();
    const applied = await stage(s).arm(HEADER).apply();
    const staging = join(s.gitDir, 'snapshot/replace/artifacts.staging/old');
    const steps = readdirSync(staging);
    // `tree` went first, `a.txt` second.
    appendFileSync(join(staging, steps.find((n) => statSync(join(staging, n)).isFile()) ?? ''), ' and more');
    appendFileSync(
      join(staging, steps.find((n) => statSync(join(staging, n)).isDirectory()) ?? '', 'sub/two'),
      ' and more',
    );
    const rescued = applied.finish().files;
    expect(rescued.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')]).sort()).toEqual([
      ['a.txt', 'old a and more'],
      ['tree/sub/two', '2 and more'],
    ]);
    expect(describeDirectory(s.root)).toEqual(describeState(NEW));
  });

  it.each(['by the same process', 'by another process'])(
    'loses no content that the backup has not, whatever the stats say: %s',
    async (by) => {
      const old: DirectoryState = { ...OLD, 'gone.txt': { file: 'gone' }, 'keep-link': { link: 'a' } };
      const s = scene(old);
      // A store through a memory map, or a forged stat cache: the scan reported content that is not there.
      const live = scanDirectory(s.root).map((entry) =>
        ['tree/one', 'mode'].includes(entry.path) ? entry : { ...entry, oid: nameContent(`once ${entry.path}`) },
      );
      const target = targetEntries(NEW);
      const staged = s.lock.stage({ plan: planRollback({ live, target, excluded: [] }), operation: 'ffffffff' });
      restoreFrom(NEW, staged.blobs);
      const armed = staged.arm(HEADER);
      let rescued: readonly { path: string; keptAs: string }[] = [];
      if (by === 'by the same process') rescued = (await armed.apply()).finish().files;
      else {
        s.lock.release();
        const lock = open(s.dir).lock();
        rescued = (await lock.pending()?.apply())?.finish().files ?? [];
        lock.release();
      }
      expect(
        rescued.map(({ path, keptAs }) => [path, path === 'keep-link' ? '' : readFileSync(keptAs, 'utf8')]).sort(),
      ).toEqual([
        ['a.txt', 'old a'],
        ['gone.txt', 'gone'],
        ['keep-link', ''],
        ['tree/sub/two', '2'],
      ]);
      expect(describeDirectory(s.root)).toEqual(describeState(NEW));
    },
  );

  it('keeps an old file that is another one of the same size and time', async () => {
    const s = scene({ 'a.txt': { file: 'old a' } });
    const { atime, mtime } = statSync(join(s.root, 'a.txt'));
    utimesSync(join(s.root, 'a.txt'), atime, mtime);
    const armed = stage(s, { 'a.txt': { file: 'new a' } }).arm(HEADER);
    writeFileSync(join(s.dir, '.git', 'other'), 'OLD A');
    utimesSync(join(s.dir, '.git', 'other'), atime, mtime);
    renameSync(join(s.dir, '.git', 'other'), join(s.root, 'a.txt'));
    const rescued = (await armed.apply()).finish().files;
    expect(rescued.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')])).toEqual([['a.txt', 'OLD A']]);
  });

  it.each(['apply', 'revert'] as const)(
    'goes on where a directory has taken the place of a replaced file: %s',
    async (end) => {
      const s = scene();
      const armed = stage(s).arm(HEADER);
      if (end === 'revert') await armed.apply();
      s.lock.release();
      rmSync(join(s.root, 'a.txt'));
      mkdirSync(join(s.root, 'a.txt'));
      writeFileSync(join(s.root, 'a.txt/mine'), 'mine');
      const lock = open(s.dir).lock();
      const pending = lock.pending();
      const rescued = end === 'apply' ? (await pending?.apply())?.finish() : await pending?.revert();
      expect(rescued?.files.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')])).toEqual([
        ['a.txt/mine', 'mine'],
      ]);
      expect(describeDirectory(s.root)).toEqual(describeState(end === 'apply' ? NEW : OLD));
      lock.release();
    },
  );

  it('loses nothing of what is written into new files when they are taken back', async () => {
    const s = scene();
    const applied = await stage(s).arm(HEADER).apply();
    appendFileSync(join(s.root, 'a.txt'), ' edited');
    appendFileSync(join(s.root, 'fresh/x/y'), ' edited');
    writeFileSync(join(s.root, 'fresh/x/mine'), 'mine');
    writeFileSync(join(s.root, 'unrelated'), 'stays');
    mkdirSync(join(s.root, 'tree'));
    writeFileSync(join(s.root, 'tree/one'), 'in the way');
    const rescued = (await applied.revert()).files;
    expect(
      rescued.map(({ path, keptAs }) => [path.replace(/.*one$/, 'tree/one'), readFileSync(keptAs, 'utf8')]).sort(),
    ).toEqual([
      ['a.txt', 'new a edited'],
      ['fresh/x/mine', 'mine'],
      ['fresh/x/y', 'xy edited'],
      ['tree/one', 'in the way'],
    ]);
    expect(describeDirectory(s.root)).toEqual(describeState({ ...OLD, unrelated: { file: 'stays' } }));
  });

  it('keeps a file that is put in the way between journal and work', async () => {
    const s = scene();
    const armed = stage(s).arm(HEADER);
    writeFileSync(join(s.root, 'b.txt'), 'mine');
    const applied = await armed.apply();
    expect(applied.finish().files.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')])).toEqual([
      ['b.txt', 'mine'],
    ]);
    expect(describeDirectory(s.root)).toEqual(describeState(NEW));
  });

  it('does not follow a link that takes the place of a directory between journal and work', async () => {
    const s = scene({ 'd/a': { file: 'old' } });
    const armed = stage(s, { 'd/a': { file: 'new' } }).arm(HEADER);
    mkdirSync(join(s.dir, 'outside'));
    writeFileSync(join(s.dir, 'outside/a'), 'precious');
    rmSync(join(s.root, 'd'), { recursive: true });
    symlinkSync('../outside', join(s.root, 'd'));
    await expect(armed.apply()).rejects.toThrow(SnapshotError);
    expect(readFileSync(join(s.dir, 'outside/a'), 'utf8')).toBe('precious');
  });
});

describe('what cannot be', () => {
  it('refuses a plan with conflicts', () => {
    const s = scene();
    const plan = planRollback({ live: [], target: targetEntries(NEW), excluded: ['fresh'] });
    expect(() => s.lock.stage({ plan, operation: 'ffffffff' })).toThrow(/'fresh\/x\/y': 'fresh' is ignored/);
  });

  it('refuses more than the disk holds', () => {
    const s = scene();
    const [entry] = targetEntries({ huge: { file: 'x' } });
    if (entry === undefined) throw new Error('no entry');
    const plan = planRollback({ live: scanDirectory(s.root), target: [{ ...entry, size: 2 ** 60 }], excluded: [] });
    expect(() => s.lock.stage({ plan, operation: 'ffffffff' })).toThrow(/need 1099511627776 MiB/);
    expect(leftovers(s)).toEqual([]);
  });

  it('refuses a journal that it cannot read, and touches nothing', () => {
    const s = scene();
    stage(s).arm(HEADER);
    const journal = join(s.gitDir, 'snapshot/replace/artifacts.journal');
    writeFileSync(journal, readFileSync(journal, 'utf8').slice(0, -20));
    expect(() => s.replacer.unfinished()).toThrow(/cannot read the rollback journal/);
    expect(() => s.lock.pending()).toThrow(/cannot read the rollback journal/);
    expect(() => s.lock.pending()).toThrow(
      expect.objectContaining({
        hint: expect.stringMatching(/Copy what you need .* then remove '.*artifacts\.journal'/),
      }),
    );
    expect(existsSync(join(s.gitDir, 'snapshot/replace/artifacts.staging/new'))).toBe(true);
    expect(describeDirectory(s.root)).toEqual(describeState(OLD));
  });
});
