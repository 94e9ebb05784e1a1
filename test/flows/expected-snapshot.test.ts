import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type GovernedRepo, governedRepo } from '../support/governed-repo.ts';
import { withApp } from '../support/open-app.ts';

interface Status {
  readonly clean: boolean;
  readonly snapshot: { readonly id: string };
  readonly changes: readonly { readonly status: string; readonly path: string }[];
}

const write = (repo: GovernedRepo, path: string, content: string) => writeFileSync(join(repo.root, path), content);

/** The snapshot that the directory should be, and what differs from it. */
async function status(repo: GovernedRepo): Promise<unknown> {
  const { snapshot, changes } = await repo.json<Status>('snapshot', 'status');
  return [snapshot.id, ...changes.map((change) => `${change.status} ${change.path}`)];
}

async function twoSnapshots(): Promise<{ repo: GovernedRepo; first: string; second: string }> {
  const repo = await governedRepo();
  write(repo, 'a', '1');
  write(repo, 'b', '1');
  const first = (await repo.take('-m', 'first')).id;
  write(repo, 'a', '2');
  write(repo, 'b', '2');
  const second = (await repo.take('-m', 'second')).id;
  return { repo, first, second };
}

const usual = { set: undefined, steps: undefined, message: undefined, paths: [], dryRun: false };

describe('what the directory should be', () => {
  it('is the target of a rollback in which another program made a file', async () => {
    const { repo, first } = await twoSnapshots();
    const confirm = async () => write(repo, 'new', 'made meanwhile');
    const result = await withApp(repo, (app) => app.rollback({ ...usual, snapshot: first, confirm }));
    expect(result).toMatchObject({ outcome: 'applied', appeared: ['new'] });
    expect(await status(repo)).toEqual([first, 'A new']);
    rmSync(join(repo.root, 'new'));
    expect(await status(repo)).toEqual([first]);
    await repo.ok('rollback', '--yes', '--undo');
    expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('2');
  });

  it('is the target of a rollback that ends an ignore rule, whose files are left alone', async () => {
    const { repo, first } = await twoSnapshots();
    write(repo, '.snapshotignore', 'kept\n');
    write(repo, 'kept', 'here all along');
    await repo.take('-m', 'ignoring');
    const told = await repo.ok('rollback', '--yes', first);
    expect(told).toMatch(
      /1 path left alone, which "git snapshot status" shows:\n {3}left out of snapshots before.*\n {3}kept$/m,
    );
    expect(await status(repo)).toEqual([first, 'A kept']);
  });

  it('stays the same where only some paths are put back', async () => {
    const { repo, first, second } = await twoSnapshots();
    write(repo, 'c', 'mine');
    await repo.ok('rollback', '--yes', first, '--path', 'a');
    expect(await status(repo)).toEqual([second, 'M a', 'A c']);
    // The stat cache may describe the backup, which the directory now equals. It is still not what it should be.
    write(repo, 'a', '2');
    expect(await status(repo)).toEqual([second, 'A c']);
  });

  it('stays the same where nothing remembers it, as in a new clone, though the backup is newer', async () => {
    const { repo, first, second } = await twoSnapshots();
    rmSync(join(repo.dir, '.git/snapshot/cache'), { recursive: true });
    write(repo, 'c', 'mine');
    await repo.ok('rollback', '--yes', first, '--path', 'a');
    expect(await status(repo)).toEqual([second, 'M a', 'A c']);
  });

  it('is what the log tells was last taken or put back, where nothing remembers it', async () => {
    const { repo, first, second } = await twoSnapshots();
    const forget = () => rmSync(join(repo.dir, '.git/snapshot/cache'), { recursive: true });
    write(repo, 'a', 'bad');
    await repo.ok('rollback', '--yes', first, '--path', 'b');
    forget();
    // The newest snapshot is a backup of what is bad, and only a path was put back.
    expect(await status(repo)).toEqual([second, 'M a', 'M b']);
    write(repo, 'a', 'worse');
    await repo.ok('rollback', '--yes', first);
    write(repo, 'a', 'bad');
    forget();
    expect(await status(repo)).toEqual([first, 'M a']);
    await repo.ok('rollback', '--yes');
    expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('1');
    // A log that is not to be believed tells nothing, and is in nobody's way here.
    forget();
    repo.git('notes', '--ref=snapshots', 'add', '-f', '-m', 'hi', `refs/snapshots/artifacts/${first}`);
    expect(await status(repo)).toEqual([second, 'M a', 'M b']);
  });

  it('stays the same where a rollback fails after its backup was made', async () => {
    const { repo, first, second } = await twoSnapshots();
    write(repo, 'c', 'mine');
    const phase = (title: string) => {
      if (title === 'Staging files') throw new Error('stopped');
      return () => undefined;
    };
    const options = { ...usual, snapshot: first, confirm: undefined };
    await expect(withApp(repo, (app) => app.rollback(options), { phase })).rejects.toThrow('stopped');
    expect(await repo.json('snapshot', 'list')).toHaveLength(3);
    expect(await status(repo)).toEqual([second, 'A c']);
  });

  it('is the snapshot that was taken last, even of a directory that equals an older one', async () => {
    const { repo, first, second } = await twoSnapshots();
    await repo.ok('rollback', '--yes', first, '--path', 'a', '--path', 'b');
    expect(await status(repo)).toEqual([second, 'M a', 'M b']);
    const { id } = await repo.take('-m', 'as the first');
    expect(await status(repo)).toEqual([id]);
  });
});
