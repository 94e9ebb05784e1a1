import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { removeTree } from '../../../src/workdir/replace/remove-tree.ts';
import { tempDir } from '../../support/temp-repo.ts';

// Another program acts right before a system call of ours, when all our looks are over.

const turns = vi.hoisted(() => ({ before: (_call: string, _path: string): void => {} }));

vi.mock('node:fs', async (load) => {
  const fs = await load<typeof import('node:fs')>();
  return {
    ...fs,
    openSync: (path: string, flags: number) => {
      turns.before('open', path);
      return fs.openSync(path, flags);
    },
    readdirSync: (path: string, options: object) => {
      turns.before('readdir', path);
      return fs.readdirSync(path, options as { encoding: 'latin1'; withFileTypes: true });
    },
    chmodSync: (path: string, mode: number) => {
      turns.before('chmod', path);
      fs.chmodSync(path, mode);
    },
  };
});

beforeEach(() => {
  turns.before = () => {};
});

function scene() {
  const dir = tempDir();
  mkdirSync(join(dir, 'victim/deep'), { recursive: true });
  writeFileSync(join(dir, 'victim/deep/kept'), 'kept');
  mkdirSync(join(dir, 'tree/below/deep'), { recursive: true });
  writeFileSync(join(dir, 'tree/below/deep/file'), '');
  symlinkSync(join(dir, 'victim'), join(dir, 'tree/link'));
  return { dir, tree: join(dir, 'tree'), kept: join(dir, 'victim/deep/kept') };
}

it('removes a tree, and nothing that a link in it leads to', () => {
  const { tree, kept } = scene();
  removeTree(tree);
  expect(existsSync(tree)).toBe(false);
  expect(existsSync(kept)).toBe(true);
});

it.each(['open', 'readdir', 'chmod'])('stays where it is when a directory becomes a link right before %s', (call) => {
  const { dir, tree, kept } = scene();
  chmodSync(join(tree, 'below'), 0o500);
  let calls = 0;
  turns.before = (made) => {
    // The first directory that is opened and listed is the top.
    if (made !== call || ++calls !== (call === 'chmod' ? 1 : 2)) return;
    renameSync(join(tree, 'below'), join(dir, 'moved'));
    symlinkSync(join(dir, 'victim'), join(tree, 'below'));
  };
  try {
    removeTree(tree);
  } catch (error) {
    // There was a directory, and now there is something else: to say so is right, too.
    expect(error).toMatchObject({ code: 'ENOTDIR', path: join(tree, 'below') });
  }
  expect(calls).toBeGreaterThan(0);
  expect(existsSync(kept)).toBe(true);
  expect(readdirSync(join(dir, 'victim'))).toEqual(['deep']);
});

it('names what it cannot remove as people know it', () => {
  const { tree } = scene();
  let calls = 0;
  turns.before = (call, path) => {
    if (call !== 'readdir' || ++calls !== 2) return;
    throw Object.assign(new Error('EIO'), { syscall: 'scandir', code: 'EIO', path });
  };
  expect(() => removeTree(tree)).toThrow(expect.objectContaining({ code: 'EIO', path: join(tree, 'below') }));
});
