import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { SnapshotError } from '../../../src/core/errors.ts';
import { planRollback } from '../../../src/core/rollback/plan.ts';
import { openDirectoryReplacer } from '../../../src/workdir/replace/directory-replacer.ts';
import {
  type DirectoryState,
  describeDirectory,
  describeState,
  makeDirectory,
  restoreFrom,
  scanDirectory,
  targetEntries,
} from '../../support/directory-state.ts';
import { tempDir } from '../../support/temp-repo.ts';

// Another program acts right before a system call of ours, when all our looks at the directory are over.

const turns = vi.hoisted(() => ({ before: (_call: string, _to: string, _from?: string): void => {} }));

vi.mock('node:fs', async (load) => {
  const fs = await load<typeof import('node:fs')>();
  return {
    ...fs,
    linkSync: (from: string, to: string) => {
      turns.before('link', to, from);
      fs.linkSync(from, to);
    },
    renameSync: (from: string, to: string) => {
      turns.before('rename', to, from);
      fs.renameSync(from, to);
    },
    unlinkSync: (path: string) => {
      turns.before('unlink', path);
      fs.unlinkSync(path);
    },
  };
});

beforeEach(() => {
  turns.before = () => {};
});

/** A replacement whose journal is written. */
function arm(old: DirectoryState, to: DirectoryState) {
  const dir = tempDir();
  const root = join(dir, 'artifacts');
  mkdirSync(join(dir, '.git'));
  makeDirectory(root, old);
  const lock = openDirectoryReplacer({ gitDir: join(dir, '.git'), set: 'artifacts', root }).lock();
  const plan = planRollback({ live: scanDirectory(root), target: targetEntries(to), excluded: [] });
  const staged = lock.stage({ plan, operation: 'ffffffff' });
  restoreFrom(to, staged.blobs);
  const armed = staged.arm({ from: 'old', to: 'new', startedAtSec: 1, context: {} });
  return { dir, root, armed };
}

/** Lets another program act once, right before something takes the place `path`. */
function once(path: string, act: () => void): void {
  turns.before = (_, to) => {
    if (to !== path) return;
    turns.before = () => {};
    act();
  };
}

it('keeps a file that appears at the very moment when one is put there', async () => {
  const { dir, root, armed } = arm({ same: { file: 's' } }, { same: { file: 's' }, b: { file: 'ours' } });
  writeFileSync(join(dir, 'theirs'), 'theirs');
  once(join(root, 'b'), () => renameSync(join(dir, 'theirs'), join(root, 'b')));
  const rescued = (await armed.apply()).finish().files;
  expect(rescued.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')])).toEqual([['b', 'theirs']]);
  expect(readFileSync(join(root, 'b'), 'utf8')).toBe('ours');
});

it('keeps what is written to an old file after that was read', async () => {
  const names = ['a', 'sub/b', 'sub/c'];
  const old: DirectoryState = Object.fromEntries(names.map((name) => [name, { file: `old ${name}` }]));
  const { root, armed } = arm({ ...old, same: { file: 's' } }, { a: { file: 'new' }, same: { file: 's' } });
  // As a program that does not notice that its files have been replaced.
  const open = names.map((name) => openSync(join(root, name), 'a'));
  const applied = await armed.apply();
  let gone = 0;
  turns.before = (call, path) => {
    if (call !== 'unlink' || !path.startsWith('/proc/self/fd/') || gone++ > 0) return;
    for (const descriptor of open) writeSync(descriptor, ', and more');
  };
  const { files, stays } = applied.finish();
  turns.before = () => {};
  for (const descriptor of open) writeSync(descriptor, ', and still more');
  // The first one had been found to be as it was, and was about to go.
  expect(gone).toBe(3);
  expect(stays).toEqual([]);
  const kept = Object.fromEntries(files.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')]));
  const lost = names.filter((name) => kept[name] === undefined);
  expect(lost).toHaveLength(1);
  expect(kept).toEqual(
    Object.fromEntries(
      names.filter((name) => !lost.includes(name)).map((name) => [name, `old ${name}, and more, and still more`]),
    ),
  );
  expect(readFileSync(join(root, 'a'), 'utf8')).toBe('new');
  for (const descriptor of open) closeSync(descriptor);
});

it('keeps a file that appears at the very moment when a removed one is put back', async () => {
  const { dir, root, armed } = arm({ same: { file: 's' }, b: { file: 'ours' } }, { same: { file: 's' } });
  const applied = await armed.apply();
  writeFileSync(join(dir, 'theirs'), 'theirs');
  once(join(root, 'b'), () => renameSync(join(dir, 'theirs'), join(root, 'b')));
  const rescued = (await applied.revert()).files;
  expect(rescued.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')])).toEqual([['b', 'theirs']]);
  expect(readFileSync(join(root, 'b'), 'utf8')).toBe('ours');
});

it('keeps every file that takes the place of one that is to be replaced, and leaves no other path without one', async () => {
  const old = { a: { file: 'old' }, b: { file: 'old' } };
  const { dir, root, armed } = arm(old, { a: { file: 'new' }, b: { file: 'new' } });
  for (const name of ['theirs', 'their next']) writeFileSync(join(dir, name), name);
  const put = (name: string) => renameSync(join(dir, name), join(root, 'b'));
  once(join(root, 'a'), () => {
    put('theirs');
    let isNext = true;
    turns.before = (_, to) => {
      expect(existsSync(join(root, 'a'))).toBe(true);
      // As soon as the first is out of the way.
      if (to !== join(root, 'b') || !isNext || existsSync(to)) return;
      isNext = false;
      put('their next');
    };
  });
  const rescued = (await armed.apply()).finish().files;
  expect(rescued.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')])).toEqual([
    ['b', 'theirs'],
    ['b', 'their next'],
  ]);
  expect(['a', 'b'].map((path) => readFileSync(join(root, path), 'utf8'))).toEqual(['new', 'new']);
});

it('leaves no path without a file, if nobody else is at work there', async () => {
  const { root, armed } = arm({ a: { file: 'old' }, b: { file: 'old' } }, { a: { file: 'new' }, b: { file: 'new' } });
  let looks = 0;
  turns.before = () => {
    looks++;
    for (const path of ['a', 'b']) expect(existsSync(join(root, path))).toBe(true);
  };
  await armed.apply();
  expect(looks).toBeGreaterThan(3);
});

it.each(['forth', 'back'])(
  'does not go through a link that takes the place of a directory half-way %s',
  async (way) => {
    const old = { 'd/a': { file: '1' }, 'e/a': { file: '2' } };
    const { dir, root, armed } = arm(old, { 'd/a': { file: 'new 1' }, 'e/a': { file: 'new 2' } });
    mkdirSync(join(dir, 'outside'));
    writeFileSync(join(dir, 'outside/a'), 'precious');
    const swap = (first: string, other: string) =>
      once(join(root, first, 'a'), () => {
        renameSync(join(root, other), join(dir, 'moved'));
        symlinkSync('../outside', join(root, other));
      });
    if (way === 'forth') {
      swap('d', 'e');
      await expect(armed.apply()).rejects.toThrow("'e' is no longer a directory");
    } else {
      const applied = await armed.apply();
      swap('e', 'd');
      await expect(applied.revert()).rejects.toThrow(SnapshotError);
    }
    expect(describeDirectory(join(dir, 'outside'))).toEqual(describeState({ a: { file: 'precious' } }));
  },
);

it.each(['finish', 'revert'] as const)(
  'removes nothing that is written to without a pause, where it can be kept by a copy alone: %s',
  async (end) => {
    const { root, armed } = arm({ a: { file: 'old' } }, { a: { file: 'new' } });
    const old = openSync(join(root, 'a'), 'a');
    const applied = await armed.apply();
    const written = end === 'finish' ? old : openSync(join(root, 'a'), 'a');
    const pieces = [', piece'];
    writeSync(written, ', piece');
    turns.before = (call, to, from) => {
      if (call === 'unlink' || !to.includes('/rescued/')) return;
      // What is kept is on another file system.
      if (!from?.includes('/rescued/')) throw Object.assign(new Error('EXDEV'), { code: 'EXDEV', syscall: call });
      // It has just been read.
      pieces.push(`, piece ${pieces.length}`);
      writeSync(written, pieces.at(-1) ?? '');
    };
    const { stays } = end === 'finish' ? applied.finish() : await applied.revert();
    turns.before = () => {};
    writeSync(written, ', the last');
    closeSync(written);
    expect(stays).toMatchObject([{ goesLater: false }]);
    const path = stays[0]?.path ?? '';
    expect(path).toMatch(/\/\.git-snapshot-rescued-ffffffff$/);
    const file = readdirSync(path, { recursive: true, encoding: 'utf8' }).findLast((name) => /\d$/.test(name)) ?? '';
    expect(readFileSync(join(path, file), 'utf8')).toBe(
      `${end === 'finish' ? 'old' : 'new'}${pieces.join('')}, the last`,
    );
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe(end === 'finish' ? 'new' : 'old');
  },
);
