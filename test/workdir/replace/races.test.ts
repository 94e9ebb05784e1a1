import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
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

const turns = vi.hoisted(() => ({ before: (_call: string, _to: string): void => {} }));

vi.mock('node:fs', async (load) => {
  const fs = await load<typeof import('node:fs')>();
  return {
    ...fs,
    linkSync: (from: string, to: string) => {
      turns.before('link', to);
      fs.linkSync(from, to);
    },
    renameSync: (from: string, to: string) => {
      turns.before('rename', to);
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

it('never leaves a replaced path without a file, even if another program replaced it meanwhile', async () => {
  const old = { a: { file: 'old' }, b: { file: 'old' } };
  const { dir, root, armed } = arm(old, { a: { file: 'new' }, b: { file: 'new' } });
  writeFileSync(join(dir, 'theirs'), 'theirs');
  let looks = 0;
  once(join(root, 'a'), () => {
    renameSync(join(dir, 'theirs'), join(root, 'b'));
    turns.before = (call) => {
      if (call !== 'unlink') looks++;
      expect(existsSync(join(root, 'b'))).toBe(true);
    };
  });
  const rescued = (await armed.apply()).finish().files;
  expect(looks).toBe(2);
  expect(rescued.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')])).toEqual([['b', 'theirs']]);
  expect(readFileSync(join(root, 'b'), 'utf8')).toBe('new');
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
