import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planRollback } from '../../../src/core/rollback/plan.ts';
import { listJournals } from '../../../src/workdir/replace/list-journals.ts';
import {
  type DirectoryState,
  describeDirectory,
  describeState,
  scanDirectory,
  targetEntries,
} from '../../support/directory-state.ts';
import {
  openReleases,
  type ReleaseScene,
  releaseScene,
  releasesOf,
  stageState,
  switchTo,
} from '../../support/release-scene.ts';

const OLD: DirectoryState = {
  'a.txt': { file: 'old a' },
  same: { file: 'same' },
  'tree/one': { file: '1' },
  link: { link: 'same' },
  hollow: 'dir',
};
const NEW: DirectoryState = {
  'a.txt': { file: 'new a' },
  same: { file: 'same' },
  'fresh/x/y': { file: 'xy', mode: 0o755 },
  link: { link: 'a.txt' },
  void: 'dir',
};
const HEADER = { from: 'was', to: 'next', startedAtSec: 1, context: { reason: 'test' } };

/** Everything in the git directory and beside the set, but for what has to be there. */
function leftovers({ dir, gitDir, lock }: Pick<ReleaseScene, 'dir' | 'gitDir' | 'lock'>): string[] {
  lock.release();
  const top = readdirSync(dir).filter((name) => !['.git', 'artifacts'].includes(name));
  const ours = readdirSync(join(gitDir, 'snapshot'), { recursive: true, encoding: 'utf8' });
  return [...top, ...ours.filter((name) => !['replace', 'releases', 'releases/artifacts'].includes(name))].sort();
}
const inodes = (root: string) => scanDirectory(root).map(({ path, stat }) => [path, stat.ino, stat.mtimeNsec]);

describe('switching releases', () => {
  it('makes a plain directory the first release, and the new content the second', async () => {
    const s = releaseScene(OLD);
    const before = inodes(s.root);
    expect(s.lock.mustConvert()).toBe(true);
    expect(await switchTo(s, NEW, 'next')).toEqual([]);
    expect(s.lock.mustConvert()).toBe(false);
    expect(readlinkSync(s.root)).toBe('.artifacts.releases/000002-next');
    expect(releasesOf(s)).toEqual(['000001-was', '000002-next *']);
    expect(describeDirectory(realpathSync(s.root))).toEqual(describeState(NEW));
    expect(inodes(join(s.releases, '000001-was'))).toEqual(before);
    expect(readFileSync(join(s.releases, '.gitignore'), 'utf8')).toMatch(/^# Releases of 'artifacts'.*\n#.*\n\*\n$/);
    expect(leftovers(s)).toEqual([
      '.artifacts.releases',
      'releases/artifacts/000001-was.json',
      'releases/artifacts/000002-next.json',
    ]);
  });

  it('shares no file between releases', async () => {
    const s = releaseScene(OLD);
    await switchTo(s, NEW, 'next');
    expect(statSync(join(s.root, 'same')).nlink).toBe(1);
    writeFileSync(join(s.root, 'same'), 'written in place');
    expect(readFileSync(join(s.releases, '000001-was/same'), 'utf8')).toBe('same');
  });

  it('goes back to the very same directory, plain or linked', async () => {
    const plain = releaseScene(OLD);
    const before = inodes(plain.root);
    const applied = await stageState(plain, NEW).arm(HEADER).apply();
    expect(await applied.revert()).toEqual({ files: [], stays: [] });
    expect(lstatSync(plain.root).isDirectory()).toBe(true);
    expect(inodes(plain.root)).toEqual(before);
    expect(leftovers(plain)).toEqual([]);

    const linked = releaseScene(OLD);
    await switchTo(linked, NEW, 'next');
    const second = inodes(realpathSync(linked.root));
    await (await stageState(linked, OLD).arm(HEADER).apply()).revert();
    expect(releasesOf(linked)).toEqual(['000001-was', '000002-next *']);
    expect(inodes(realpathSync(linked.root))).toEqual(second);
  });

  it('makes a set that was not there, and unmakes it', async () => {
    const s = releaseScene(undefined);
    const staged = stageState(s, NEW);
    await (await staged.arm(HEADER).apply()).revert();
    expect(existsSync(s.root)).toBe(false);
    expect(leftovers(s)).toEqual([]);
    const again = { ...s, lock: s.replacer.lock() };
    await switchTo(again, NEW, 'next');
    expect(releasesOf(s)).toEqual(['000001-next *']);
    expect(describeDirectory(realpathSync(s.root))).toEqual(describeState(NEW));
  });

  it('keeps so many releases, newest first, and never removes the one that is live or one it does not know', async () => {
    const s = releaseScene(OLD, 3);
    for (const id of ['b', 'c', 'd', 'e']) await switchTo(s, id < 'd' ? NEW : OLD, id);
    expect(releasesOf(s)).toEqual(['000003-c', '000004-d', '000005-e *']);
    // Somebody links an old one by hand, and keeps something of their own there.
    unlinkSync(s.root);
    symlinkSync('.artifacts.releases/000003-c', s.root);
    mkdirSync(join(s.releases, '000001-mine'));
    await switchTo({ ...s, lock: s.lock }, NEW, 'f');
    expect(releasesOf(s)).toEqual(['000001-mine', '000004-d', '000005-e', '000006-f *']);
    const one = openReleases(s.dir, 1);
    s.lock.release();
    await switchTo({ ...s, lock: one.lock() }, OLD, 'g');
    expect(releasesOf(s)).toEqual(['000001-mine', '000007-g *']);
    expect(readdirSync(join(s.gitDir, 'snapshot/releases/artifacts'))).toEqual(['000007-g.json']);
  });

  it('writes its notice anew where somebody removed it, and takes no directory that it does not know', async () => {
    const s = releaseScene(OLD);
    await switchTo(s, NEW, 'next');
    const notice = join(s.releases, '.gitignore');
    const text = readFileSync(notice, 'utf8');
    rmSync(notice);
    await switchTo(s, OLD, 'c');
    expect(releasesOf(s)).toEqual(['000001-was', '000002-next', '000003-c *']);
    expect(readFileSync(notice, 'utf8')).toBe(text);
    // A release that is linked, and that we did not make.
    rmSync(notice);
    rmSync(join(s.gitDir, 'snapshot/releases'), { recursive: true });
    expect(() => stageState(s, NEW)).toThrow('is no directory of releases that we made');
    expect(releasesOf(s)).toEqual(['000001-was', '000002-next', '000003-c *']);
  });

  it('counts on where somebody made a directory with a large number', async () => {
    const s = releaseScene(OLD);
    await switchTo(s, NEW, 'next');
    mkdirSync(join(s.releases, '999999999999999-x'));
    mkdirSync(join(s.releases, '000004-d'));
    for (const id of ['c', 'd']) await switchTo(s, OLD, id);
    expect(releasesOf(s)).toEqual(['000002-next', '000004-d', '000005-c', '000006-d *', '999999999999999-x']);
  });

  it('keeps owner and permissions of directories', async () => {
    const s = releaseScene({ 'private/key': { file: 'k' }, 'open/x': { file: 'x' } });
    chmodSync(join(s.root, 'private'), 0o700);
    chmodSync(s.root, 0o750);
    await switchTo(s, { 'private/key': { file: 'k2' }, 'other/x': { file: 'x' } }, 'next');
    const mode = (path: string) => (statSync(join(s.root, path)).mode & 0o777).toString(8);
    expect([mode('.'), mode('private')]).toEqual(['750', '700']);
  });

  it('is ended by another process either way, whatever layout the policy asks for by then', async () => {
    for (const end of ['apply', 'revert'] as const) {
      for (const keep of [3, undefined]) {
        for (const done of ['armed', 'applied']) {
          const s = releaseScene(OLD);
          const armed = stageState(s, NEW).arm(HEADER);
          if (done === 'applied') await armed.apply();
          s.lock.release();
          expect(listJournals(s.gitDir)).toEqual([{ set: 'artifacts', root: s.root, releases: { keep: 3 } }]);
          const other = openReleases(s.dir, keep);
          expect(other.unfinished()).toMatchObject({ set: 'artifacts', ...HEADER });
          const lock = other.lock();
          const plan = planRollback({ live: [], target: [], excluded: [] });
          expect(() => lock.stage({ plan, operation: 'ffffffff' })).toThrow(/unfinished/);
          const pending = lock.pending();
          if (end === 'apply') (await pending?.apply())?.finish();
          else await pending?.revert();
          expect(describeDirectory(realpathSync(s.root))).toEqual(describeState(end === 'apply' ? NEW : OLD));
          expect(lstatSync(s.root).isSymbolicLink()).toBe(end === 'apply');
          expect(other.unfinished()).toBeUndefined();
          if (end === 'revert') expect(leftovers({ ...s, lock })).toEqual([]);
        }
      }
    }
  });

  it('clears up after a process that died while it staged', () => {
    const s = releaseScene(OLD);
    stageState(s, NEW);
    expect(s.lock.pending()).toBeUndefined();
    expect(describeDirectory(s.root)).toEqual(describeState(OLD));
    expect(leftovers(s)).toEqual([]);
  });

  it('tells what is still as it put it there', async () => {
    const s = releaseScene(OLD);
    const applied = await stageState(s, NEW).arm(HEADER).apply();
    appendFileSync(join(s.root, 'a.txt'), '!');
    expect([...applied.stillAsPut().keys()].sort()).toEqual(['fresh/x/y', 'link', 'same']);
  });
});

describe('what is ignored, and what programs write meanwhile', () => {
  const LOG = 'logs/today.log';
  const withLog: DirectoryState = {
    ...OLD,
    [LOG]: { file: 'line 1\n' },
    'logs/cache/deep/x': { file: 'c' },
    'logs/tmp': 'dir',
  };
  const IGNORED = [LOG, 'logs/cache/deep/x', 'logs/cache/deep', 'logs/cache', 'logs/tmp'];

  it('is in the next release too, the same files, and open ones are written on', async () => {
    const s = releaseScene(withLog);
    const open = openSync(join(s.root, LOG), 'a');
    expect(await switchTo(s, NEW, 'next', IGNORED)).toEqual([]);
    writeSync(open, 'line 2\n');
    closeSync(open);
    expect(readFileSync(join(s.root, LOG), 'utf8')).toBe('line 1\nline 2\n');
    expect(readFileSync(join(s.root, 'logs/cache/deep/x'), 'utf8')).toBe('c');
    expect(statSync(join(s.root, 'logs/tmp')).isDirectory()).toBe(true);
    // Through three more switches, while the first releases go.
    for (const id of ['c', 'd', 'e']) expect(await switchTo(s, id === 'd' ? NEW : OLD, id, IGNORED)).toEqual([]);
    expect(readFileSync(join(s.root, LOG), 'utf8')).toBe('line 1\nline 2\n');
  });

  it('takes a FIFO along, and does not read it when its release goes', async () => {
    const s = releaseScene({ ...OLD, 'run/x': { file: 'x' } }, 1);
    execFileSync('mkfifo', [join(s.root, 'run/pipe')]);
    expect(await switchTo(s, NEW, 'b', ['run/pipe', 'run/x'])).toEqual([]);
    expect(lstatSync(join(s.root, 'run/pipe')).isFIFO()).toBe(true);
    rmSync(join(s.root, 'run/pipe'));
    expect(await switchTo(s, OLD, 'c', ['run/x'])).toEqual([]);
    expect(releasesOf(s)).toEqual(['000003-c *']);
  });

  it('is refused where the file that is to come has its place', () => {
    const s = releaseScene({ [LOG]: { file: 'x' } });
    expect(() => stageState(s, { logs: { file: 'a file' } }, [LOG])).toThrow(/'logs\/today.log' is ignored/);
    expect(leftovers(s)).toEqual([]);
  });

  it('goes on where entries changed since the scan, or are gone, and keeps what was written', async () => {
    const s = releaseScene(OLD);
    const staged = stageState(s, NEW);
    writeFileSync(join(s.root, 'same'), 'changed');
    rmSync(join(s.root, 'tree/one'));
    rmSync(join(s.root, 'hollow'), { recursive: true });
    const { files } = (await staged.arm(HEADER).apply()).finish();
    expect(describeDirectory(s.root)).toEqual(describeState(NEW));
    expect(files.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')])).toEqual([['same', 'changed']]);
  });

  it('keeps what was made since the scan and has no place in the new release', async () => {
    const s = releaseScene(OLD);
    const staged = stageState(s, NEW);
    mkdirSync(join(s.root, 'fresh'));
    writeFileSync(join(s.root, 'fresh/x'), 'where a directory is to come');
    const { files } = (await staged.arm(HEADER).apply()).finish();
    expect(describeDirectory(s.root)).toEqual(describeState(NEW));
    expect(files.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')])).toEqual([
      ['fresh/x', 'where a directory is to come'],
    ]);
  });

  it('takes along what was made since the scan', async () => {
    const s = releaseScene(OLD);
    const staged = stageState(s, NEW);
    mkdirSync(join(s.root, 'late'));
    writeFileSync(join(s.root, 'late/file'), 'late');
    const applied = await staged.arm(HEADER).apply();
    expect(applied.finish()).toEqual({ files: [], stays: [] });
    expect(readFileSync(join(s.root, 'late/file'), 'utf8')).toBe('late');
  });

  it('rescues what was written to the old release at the last moment', async () => {
    const s = releaseScene(OLD);
    const armed = stageState(s, NEW).arm(HEADER);
    writeFileSync(join(s.root, 'same'), 'at the last moment');
    writeFileSync(join(s.root, 'late'), 'new file');
    const rescued = (await armed.apply()).finish().files;
    expect(rescued.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')]).sort()).toEqual([
      ['late', 'new file'],
      ['same', 'at the last moment'],
    ]);
  });

  it('rescues what was written to an old release later, before that goes', async () => {
    const s = releaseScene(withLog, 2);
    await switchTo(s, NEW, 'b', IGNORED);
    const first = join(s.releases, '000001-was');
    writeFileSync(join(first, 'a.txt'), 'by a program that still works there');
    writeFileSync(join(first, 'unknown'), 'u');
    // The log is turned over in the live release, and the old file goes on in the old one.
    renameSync(join(s.root, LOG), join(s.root, `${LOG}.1`));
    rmSync(join(s.root, `${LOG}.1`));
    appendFileSync(join(first, LOG), 'late line\n');
    const rescued = await switchTo(s, OLD, 'c', [...IGNORED, `${LOG}.1`]);
    expect(existsSync(first)).toBe(false);
    expect(rescued.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')]).sort()).toEqual([
      ['a.txt', 'by a program that still works there'],
      [LOG, 'line 1\nlate line\n'],
      ['unknown', 'u'],
    ]);
  });

  it('rescues what was written to the new release before it is taken back', async () => {
    const s = releaseScene(withLog);
    const applied = await stageState(s, NEW, IGNORED).arm(HEADER).apply();
    writeFileSync(join(s.root, 'a.txt'), 'written');
    rmSync(join(s.root, LOG));
    writeFileSync(join(s.root, LOG), 'a new log');
    const rescued = (await applied.revert()).files;
    expect(rescued.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')]).sort()).toEqual([
      ['a.txt', 'written'],
      [LOG, 'a new log'],
    ]);
    expect(describeDirectory(s.root)).toEqual(describeState(withLog));
  });

  it('reads with the next switch what was to go and was not read to the end', async () => {
    const s = releaseScene(OLD, 2);
    await switchTo(s, NEW, 'next');
    // As a process leaves it that was killed when the first one had lost its name.
    const leaving = join(s.releases, '.git-snapshot-0123456789abcdef-000001-was');
    renameSync(join(s.releases, '000001-was'), leaving);
    writeFileSync(join(leaving, 'late'), 'not read');
    rmSync(join(leaving, 'same'));
    expect(s.lock.pending()).toBeUndefined();
    expect(readFileSync(join(leaving, 'late'), 'utf8')).toBe('not read');
    const rescued = await switchTo(s, OLD, 'was');
    expect(rescued.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')])).toEqual([['late', 'not read']]);
    expect(releasesOf(s)).toEqual(['000002-next', '000003-was *']);
    expect(leftovers(s).filter((name) => name.endsWith('.json'))).toEqual([
      'releases/artifacts/000002-next.json',
      'releases/artifacts/000003-was.json',
    ]);
  });

  it.runIf(process.platform === 'linux')('gives no new release the number of one that was to go', async () => {
    const s = releaseScene(OLD);
    await switchTo(s, NEW, 'next');
    const applied = await stageState(s, OLD).arm(HEADER).apply();
    const inside = spawn('cat', { cwd: join(s.releases, '000003-next'), stdio: ['pipe', 'ignore', 'inherit'] });
    const { stays } = await applied.revert();
    const leaving = readdirSync(s.releases).find((name) => name.endsWith('-000003-next')) ?? '';
    expect(stays).toEqual([{ path: join(s.releases, leaving), programs: [`cat (${inside.pid})`], goesLater: true }]);
    expect(s.lock.pending()).toBeUndefined();
    await switchTo(s, OLD, 'next');
    expect(releasesOf(s)).toEqual([leaving, '000001-was', '000002-next', '000004-next *']);
    inside.stdin.end();
    await once(inside, 'exit');
    await switchTo(s, NEW, 'last');
    expect(releasesOf(s)).toEqual(['000002-next', '000004-next', '000005-last *']);
  });

  it.each(['apply', 'revert'])('goes on, to %s, where it was killed in taking the new release back', async (end) => {
    const s = releaseScene(OLD);
    await switchTo(s, NEW, 'next');
    const armed = stageState(s, OLD).arm(HEADER);
    const { operation } = armed.journal;
    await armed.apply();
    // The link is back, and the new release has lost its name.
    unlinkSync(s.root);
    symlinkSync('.artifacts.releases/000002-next', s.root);
    const leaving = join(s.releases, `.git-snapshot-${operation}-000003-next`);
    renameSync(join(s.releases, '000003-next'), leaving);
    writeFileSync(join(leaving, 'late'), 'late');
    s.lock.release();
    const pending = openReleases(s.dir).lock().pending();
    if (end === 'apply') {
      expect((await pending?.apply())?.finish()).toEqual({ files: [], stays: [] });
      expect(readFileSync(join(s.root, 'late'), 'utf8')).toBe('late');
      expect(releasesOf(s)).toEqual(['000001-was', '000002-next', '000003-next *']);
    } else {
      const files = (await pending?.revert())?.files ?? [];
      expect(files.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')])).toEqual([['late', 'late']]);
      expect(releasesOf(s)).toEqual(['000001-was', '000002-next *']);
    }
  });

  it('moves aside what another program makes at the path while it is free', async () => {
    for (const end of ['apply', 'revert'] as const) {
      const s = releaseScene(OLD);
      const armed = stageState(s, NEW).arm(HEADER);
      // As a process that was killed between the two renames leaves it.
      renameSync(s.root, join(s.releases, '000001-was'));
      mkdirSync(join(s.root, 'sub'), { recursive: true });
      writeFileSync(join(s.root, 'sub/file'), 'not ours');
      const rescued = end === 'apply' ? (await armed.apply()).finish().files : (await armed.revert()).files;
      expect(rescued.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')])).toEqual([
        ['sub/file', 'not ours'],
      ]);
      expect(describeDirectory(realpathSync(s.root))).toEqual(describeState(end === 'apply' ? NEW : OLD));
    }
  });

  it('reads the new release again before it is linked', () => {
    const s = releaseScene(OLD);
    const live = scanDirectory(s.root);
    const plan = planRollback({ live, target: targetEntries(NEW), excluded: [] });
    for (const meddle of [
      (place: string) => writeFileSync(place, 'new b'),
      (place: string) => chmodSync(place, 0o600),
      (place: string) => writeFileSync(`${place}.more`, ''),
      (place: string) => rmSync(place),
    ]) {
      const staged = s.lock.stage({ plan, operation: 'abcdef01' });
      for (const { destination, symlink } of staged.blobs) {
        if (symlink) symlinkSync('a.txt', destination);
        else
          writeFileSync(
            destination,
            destination.endsWith('a.txt') ? 'new a' : destination.endsWith('y') ? 'xy' : 'same',
            { mode: destination.endsWith('y') ? 0o755 : 0o644 },
          );
      }
      meddle(staged.blobs.find(({ destination }) => destination.endsWith('/a.txt'))?.destination ?? '');
      expect(() => staged.arm(HEADER)).toThrow(/'a\.txt(\.more)?' is not on the disk as it was written/);
      staged.discard();
      expect(describeDirectory(s.root)).toEqual(describeState(OLD));
    }
    expect(leftovers(s)).toEqual([]);
  });
});
