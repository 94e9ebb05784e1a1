import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Rescued } from '../../../src/core/rollback/port.ts';
import { LAG_MS } from '../../../src/workdir/replace/last-reading.ts';
import { type DirectoryState, describeDirectory, describeState } from '../../support/directory-state.ts';
import { type ReleaseScene, releaseScene, releasesOf, stageState, switchTo } from '../../support/release-scene.ts';
import { tempDir } from '../../support/temp-repo.ts';

// Another program writes into a release that goes, right before a system call of ours, when that has been read. It is one
// that cannot be seen: of another user, or where there is no /proc.

type Call = 'link' | 'rename' | 'unlink' | 'rmdir';
const turns = vi.hoisted(() => ({
  before: (_call: string, _path: string): void => {},
  refuses: (_call: string, _path: string, _to: string): string | undefined => undefined,
}));

vi.mock('../../../src/workdir/releases/programs-in.ts', () => ({ programsIn: () => [] }));

vi.mock('node:fs', async (load) => {
  const fs = await load<typeof import('node:fs')>();
  const watched = (call: Call, real: (path: string, to: string) => void) => (path: string, to: string) => {
    turns.before(call, path);
    const code = turns.refuses(call, path, to);
    if (code !== undefined) throw Object.assign(new Error(code), { syscall: call, code });
    real(path, to);
  };
  return {
    ...fs,
    linkSync: watched('link', fs.linkSync),
    renameSync: watched('rename', fs.renameSync),
    unlinkSync: watched('unlink', fs.unlinkSync),
    openSync: (path: string, ...rest: [string]) => {
      const code = turns.refuses('open', path, '');
      if (code !== undefined) throw Object.assign(new Error(code), { syscall: 'open', code });
      return fs.openSync(path, ...rest);
    },
    rmdirSync: watched('rmdir', (path) => fs.rmdirSync(path)),
  };
});

beforeEach(() => {
  turns.before = () => {};
  turns.refuses = () => undefined;
});

const FILES = ['a', 'sub/b', 'sub/c'];
const state = (word: string): DirectoryState => Object.fromEntries(FILES.map((path) => [path, { file: word }]));
const HEADER = { from: 'was', to: 'next', startedAtSec: 1, context: {} };

/** Removed as one too many, or as what a rollback that is taken back had made. */
const WAYS = ['pruned', 'taken back'] as const;
type Way = (typeof WAYS)[number];

/** What another program does: right before a call that removes something of the release, or gives it a second name. */
type Act = (release: string, call: Call, path: string) => void;

/** Makes a release go. */
async function goes(way: Way, act: Act) {
  // Somebody has called a directory above it as ours begin.
  const scene = releaseScene(state('old'), 1, join(tempDir(), '.git-snapshot-tests/site'));
  const applied = await stageState(scene, state('new')).arm(HEADER).apply();
  // Where that clock cannot be read, what is as young as this may be a late write for all we know, and is kept.
  await new Promise((resolve) => setTimeout(resolve, 2 * LAG_MS));
  turns.before = (call, path) => {
    const name = readdirSync(scene.releases).find((one) => /^\.git-snapshot-[0-9a-f]+-\d/.test(one)) ?? 'none';
    const release = join(scene.releases, name);
    const before = turns.before;
    turns.before = () => {};
    if (path.startsWith('/proc/self/fd/') || `${path}/`.startsWith(`${release}/`)) act(release, call as Call, path);
    turns.before = before;
  };
  const rescued = way === 'pruned' ? applied.finish() : await applied.revert();
  turns.before = () => {};
  return { scene, rescued, end: way === 'pruned' ? 'new' : 'old' };
}

/** Right before the first file is removed. Gets the others. */
function whenReading(act: (release: string, others: readonly string[]) => void): Act {
  let done = false;
  return (release, call, path) => {
    if (done || call !== 'unlink') return;
    done = true;
    const others = FILES.filter((file) => basename(file) !== basename(path));
    expect(others).toHaveLength(2);
    act(release, others);
  };
}

const held = ({ files }: Rescued) => files.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')]).sort();

/** The directory is as it has to be, and nothing else of ours is left. */
function judge({ scene, end }: { scene: ReleaseScene; end: string }): void {
  expect(describeDirectory(realpathSync(scene.root))).toEqual(describeState(state(end)));
  const records = readdirSync(join(scene.gitDir, 'snapshot/releases/artifacts'));
  expect(records).toEqual(end === 'new' ? ['000002-next.json'] : []);
  if (end === 'new') expect(releasesOf(scene)).toEqual(['000002-next *']);
  else expect(readdirSync(scene.dir).sort()).toEqual(['.git', 'artifacts']);
}

describe.each(WAYS)('a release that is %s, and into which somebody writes when it was read', (way) => {
  it('is gone, and nothing is kept, when nobody does', async () => {
    const done = await goes(way, () => {});
    expect(done.rescued).toEqual({ files: [], stays: [] });
    judge(done);
    expect(existsSync(join(done.scene.gitDir, 'snapshot/rescued'))).toBe(false);
  });

  it('is gone all the same, and what was written is kept, where nothing new can be written any more', async () => {
    turns.refuses = (call, path) => (call === 'open' && /-\d{6}-[a-z]+-clock$/.test(path) ? 'ENOSPC' : undefined);
    const done = await goes(
      way,
      whenReading((release, [path = '']) => appendFileSync(join(release, path), ', and more')),
    );
    expect(held(done.rescued).map(([, text]) => text)).toEqual([`${done.end === 'new' ? 'old' : 'new'}, and more`]);
    judge(done);
  });

  it.each<[string, (file: string) => void]>([
    ['more', (file) => appendFileSync(file, ', and more')],
    [
      'as much, with the times set back',
      (file) => {
        const { atime, mtime, size } = statSync(file);
        writeFileSync(file, 'x'.repeat(size));
        utimesSync(file, atime, mtime);
      },
    ],
    [
      'a file of the same size and time in the place of another',
      (file) => {
        const { atime, mtime, size } = statSync(file);
        const other = `${file}.other`;
        writeFileSync(other, 'y'.repeat(size));
        utimesSync(other, atime, mtime);
        renameSync(other, file);
      },
    ],
  ])('keeps what that is: %s', async (_, write) => {
    const expected: string[][] = [];
    const done = await goes(
      way,
      whenReading((release, others) => {
        for (const path of others) {
          write(join(release, path));
          expected.push([path, readFileSync(join(release, path), 'utf8')]);
        }
      }),
    );
    expect(held(done.rescued)).toEqual(expected);
    expect(done.rescued.stays).toEqual([]);
    judge(done);
  });

  it('keeps files and directories that are new', async () => {
    const done = await goes(
      way,
      whenReading((release) => {
        writeFileSync(join(release, 'new'), 'new');
        mkdirSync(join(release, 'fresh/deep'), { recursive: true });
        writeFileSync(join(release, 'fresh/deep/x'), 'x');
      }),
    );
    expect(held(done.rescued)).toEqual([
      ['fresh/deep/x', 'x'],
      ['new', 'new'],
    ]);
    judge(done);
  });

  it('keeps a file that gets its name when it was found by another', async () => {
    let renamed = false;
    const done = await goes(way, (release, call, path) => {
      if (call === 'unlink' && !existsSync(join(release, 'x')) && !renamed) writeFileSync(join(release, 'x.tmp'), 'x');
      if (call !== 'link' || path !== join(release, 'x.tmp')) return;
      renameSync(path, join(release, 'x'));
      renamed = true;
    });
    expect(renamed).toBe(true);
    expect(held(done.rescued)).toEqual([['x', 'x']]);
    judge(done);
  });

  it('has by the second name what is written to a file after it was kept', async () => {
    let open: number | undefined;
    let writes = 0;
    const done = await goes(way, (release, call) => {
      if (call !== 'unlink' && call !== 'rmdir') return;
      open ??= openSync(join(release, 'new'), 'a');
      writeSync(open, `${++writes} `);
    });
    // When its name there is gone, too.
    writeSync(open ?? -1, 'last');
    closeSync(open ?? -1);
    expect(writes).toBeGreaterThan(4);
    expect(held(done.rescued)).toEqual([['new', `${Array.from({ length: writes }, (_, n) => n + 1).join(' ')} last`]]);
    judge(done);
  });

  it('keeps each state of a file that is written to while it is copied, where there are no second names', async () => {
    turns.refuses = (call) => (call === 'link' ? 'EPERM' : undefined);
    let writes = 0;
    const done = await goes(way, (release, call) => {
      if (call === 'unlink' && writes < 3) appendFileSync(join(release, 'new'), `${++writes}`);
    });
    expect(held(done.rescued)).toContainEqual(['new', '123']);
    expect(done.rescued.stays).toEqual([]);
    judge(done);
  });

  it.each([
    ['is left whole among what is kept', undefined],
    ['is left whole beside the others, where the git directory is on another file system', 'EXDEV'],
  ])('%s, if somebody goes on for ever', async (_, code) => {
    turns.refuses = (call, path, to) =>
      call === 'rename' && /\.git-snapshot-[^/]*$/.test(path) && to.includes('/rescued/') ? code : undefined;
    let writes = 0;
    const { scene, rescued, end } = await goes(way, (release, call) => {
      if (call === 'unlink' || call === 'rmdir') writeFileSync(join(release, `late-${++writes}`), `${writes}`);
    });
    const [{ path = '', programs = ['?'] } = {}, ...more] = rescued.stays;
    expect([programs, more]).toEqual([[], []]);
    expect(path.startsWith(code === undefined ? join(scene.gitDir, 'snapshot/rescued/') : scene.releases)).toBe(true);
    expect(writes).toBeGreaterThan(5);
    const kept = new Map(held(rescued).map(([name = '', text]) => [name, text]));
    for (let n = 1; n <= writes; n++) {
      const place = join(path, `late-${n}`);
      expect(existsSync(place) ? readFileSync(place, 'utf8') : kept.get(`late-${n}`), `late-${n}`).toBe(`${n}`);
    }
    expect(describeDirectory(realpathSync(scene.root))).toEqual(describeState(state(end)));
    // The next one does not touch it.
    const before = describeDirectory(path);
    await switchTo(scene, state('third'), 'third');
    expect(describeDirectory(path)).toEqual(before);
  });
});
