import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { changeSet } from '../../support/change-set.ts';
import { type GovernedRepo, governedRepo } from '../../support/governed-repo.ts';
import { tempDir } from '../../support/temp-repo.ts';

// A snapshot holds what rules leave out that came later. It can be put back all the same, and what is there is not touched.

const write = ({ root }: GovernedRepo, path: string, content: string) => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
};
const read = ({ root }: GovernedRepo, path: string) => readFileSync(join(root, path), 'utf8');

describe.each(['in-place', 'releases'])('in the layout %s', (layout) => {
  let repo: GovernedRepo;
  let first: string;

  beforeEach(async () => {
    repo = await governedRepo();
    write(repo, 'a', '1');
    write(repo, 'a.log', 'log 1');
    write(repo, 'logs/deep/b', 'log 2');
    first = (await repo.take('-m', 'first')).id;
    await changeSet(repo, { exclude: ['*.log', 'logs/'], layout });
    rmSync(join(repo.root, 'a.log'));
    rmSync(join(repo.root, 'logs'), { recursive: true });
    write(repo, 'a', '2');
  });

  const state = () => ['a', 'a.log', 'logs/deep/b'].map((path) => read(repo, path));
  const OLD = ['1', 'log 1', 'log 2'];

  it('puts it back, again, and by other paths, and says that the next snapshot has none of it', async () => {
    expect(await repo.ok('rollback', '--yes', first)).toContain('2 created, 1 replaced');
    expect(state()).toEqual(OLD);
    expect((await repo.expect(0, ['rollback', '--yes', first])).stdout).toContain('nothing to do');

    const status = await repo.expect(0, ['snapshot', 'status']);
    expect(status.stdout).toMatch(new RegExp(`On snapshot ${first}`));
    expect(status.stdout).toContain('nothing changed');
    expect(status.stderr).toBe(
      "warning: rules leave 'a.log', 'logs/deep/b' out by now: the next snapshot will not have them\n",
    );

    write(repo, 'a.log', 'more');
    expect(await repo.json('snapshot', 'status')).toMatchObject({ changes: [{ status: 'D', path: 'a.log' }] });
    write(repo, 'a.log', 'log 1');
    write(repo, 'a', '3');
    expect(await repo.ok('rollback', '--yes', first)).toContain('1 replaced');
    expect(state()).toEqual(OLD);
    await repo.ok('rollback', '--undo', '--yes');
    expect(state()).toEqual(['3', 'log 1', 'log 2']);
    await repo.ok('snapshot', 'restore', first, '--yes', '--path', 'a', '--path', 'logs');
    expect(state()).toEqual(OLD);
  });

  it('does not touch what is there and differs: in content, mode or kind, or through a link', async () => {
    const refuse = async (path: string) => {
      const { stderr } = await repo.expect(5, ['rollback', '--yes', first]);
      expect(stderr).toContain(`error: '${path}' cannot be put back: `);
      expect(read(repo, 'a')).toBe('2');
    };
    write(repo, 'a.log', 'other');
    await refuse('a.log');
    expect(read(repo, 'a.log')).toBe('other');
    rmSync(join(repo.root, 'a.log'));
    writeFileSync(join(repo.root, 'a.log'), 'log 1', { mode: 0o755 });
    await refuse('a.log');
    rmSync(join(repo.root, 'a.log'));
    symlinkSync('log 1', join(repo.root, 'a.log'));
    await refuse('a.log');
    rmSync(join(repo.root, 'a.log'));
    const elsewhere = join(tempDir(), 'deep');
    write(repo, 'logs/deep/b', 'log 2');
    renameSync(join(repo.root, 'logs/deep'), elsewhere);
    symlinkSync(elsewhere, join(repo.root, 'logs/deep'));
    await refuse('logs/deep/b');
    expect(lstatSync(join(repo.root, 'logs/deep')).isSymbolicLink()).toBe(true);
    expect(existsSync(join(elsewhere, 'b'))).toBe(true);
  });
});
