import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { changeSet } from '../../support/change-set.ts';
import { type GovernedRepo, governedRepo } from '../../support/governed-repo.ts';

// Going back to before there were rules, and forward again: what the rules protect is neither read, nor kept in a backup, nor removed.

const write = ({ root }: GovernedRepo, path: string, content: string) => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
};
const names = ({ root }: GovernedRepo) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

describe.each(['in-place', 'releases'])('in the layout %s', (layout) => {
  let repo: GovernedRepo;
  let before: string;
  let after: string;

  beforeEach(async () => {
    repo = await governedRepo();
    if (layout === 'releases') await changeSet(repo, { layout });
    write(repo, 'a', '1');
    write(repo, 'old.log', 'taken before the rules');
    before = (await repo.take('-m', 'before the rules')).id;
    write(repo, '.snapshotignore', 'secrets.env\n/data/\n*.log\n');
    write(repo, 'deep/.snapshotignore', '*\n!.snapshotignore\n');
    rmSync(join(repo.root, 'old.log'));
    after = (await repo.take('-m', 'with rules')).id;
    write(repo, 'secrets.env', 'PASSWORD=hunter2\n');
    write(repo, 'data/live.db', 'live');
    write(repo, 'deep/er/cache', 'cache');
  });

  const PROTECTED = ['data/live.db', 'deep/er/cache', 'secrets.env'];
  const isStored = (path: string) => {
    const oid = repo.git('hash-object', '--no-filters', path);
    try {
      repo.git('cat-file', '-e', oid);
      return true;
    } catch {
      return false;
    }
  };

  it('leaves alone what the snapshot that it goes to leaves out', async () => {
    const stdout = await repo.ok('rollback', '--yes', before);
    expect(names(repo)).toEqual(['a', ...PROTECTED, 'old.log'].sort());
    expect(stdout).toContain('left alone');
    // What came since is protected by the rules that come back, too; not what the snapshot has that the directory is on.
    write(repo, 'data/more.db', 'more');
    const dry = await repo.expect(0, ['rollback', '--undo', '--dry-run']);
    expect(dry.stdout).not.toContain('secrets.env');
    expect(await repo.ok('rollback', '--undo', '--yes')).toMatch(/^ 2 created, 1 deleted$/m);
    expect(names(repo)).toEqual(['.snapshotignore', 'a', 'deep/.snapshotignore', 'data/more.db', ...PROTECTED].sort());
    expect(await repo.json('snapshot', 'status')).toMatchObject({ clean: true, snapshot: { id: after } });
    // Nothing of it is in the repository, and no backup was needed.
    expect(isStored(join(repo.root, 'secrets.env'))).toBe(false);
    expect(await repo.json<unknown[]>('snapshot', 'list')).toHaveLength(2);

    await repo.ok('rollback', '--undo', '--yes');
    expect(readFileSync(join(repo.root, 'old.log'), 'utf8')).toBe('taken before the rules');
    expect(names(repo)).toEqual(['a', 'data/more.db', ...PROTECTED, 'old.log'].sort());
  });

  it('keeps what has changed beside it', async () => {
    await repo.ok('rollback', '--yes', before);
    write(repo, 'a', 'changed');
    write(repo, 'new', 'new');
    await repo.ok('rollback', '--yes', after);
    expect(names(repo)).toEqual(['.snapshotignore', 'a', 'deep/.snapshotignore', ...PROTECTED].sort());
    await repo.ok('rollback', '--undo', '--yes');
    expect(names(repo)).toEqual(['a', 'new', ...PROTECTED, 'old.log'].sort());
    expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('changed');
    expect(isStored(join(repo.root, 'secrets.env'))).toBe(false);
  });
});
