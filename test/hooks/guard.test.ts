import { delimiter } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { programs } from '../support/programs.ts';
import { type TempRepo, tempRepo } from '../support/temp-repo.ts';
import { gitIn, hooks } from './hooked-repo.ts';

let env: Record<string, string>;
beforeAll(async () => {
  const { bin } = await programs();
  env = { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
});

const OURS = { GIT_SNAPSHOT_WRITER: '1' };
const SNAPSHOT = 'refs/snapshots/artifacts/20261122T144326Z-8c81ce1cf7cb';
const LOG = 'refs/notes/snapshots';

/** A clone with hooks, and a snapshot and a log for them to guard. */
async function guarded(): Promise<TempRepo> {
  const repo = tempRepo();
  repo.git('commit', '-q', '--allow-empty', '-m', 'one');
  repo.git('commit', '-q', '--allow-empty', '-m', 'two');
  await hooks(repo.dir, 'install');
  for (const ref of [SNAPSHOT, LOG, 'refs/tags/promotions/a/production/1'])
    expect(gitIn(repo.dir, ['update-ref', ref, 'HEAD~1'], OURS).code).toBe(0);
  return repo;
}

const refs = (repo: TempRepo) => repo.git('for-each-ref', '--format=%(refname) %(objectname)');

/** What people may type, and what they are told. */
const ACCIDENTS: readonly (readonly [args: string[], said: RegExp])[] = [
  [['update-ref', '-d', SNAPSHOT], /would be deleted; it is [0-9a-f]{40}\n.*hint: .*git snapshot prune/s],
  [['update-ref', '-d', SNAPSHOT, 'HEAD~1'], /would be deleted/],
  [['update-ref', SNAPSHOT, 'HEAD'], /would be moved by hand, from [0-9a-f]{40} to [0-9a-f]{40}/],
  [['update-ref', 'refs/holds/a/b/c', 'HEAD'], /would be made by hand/],
  [['update-ref', 'refs/approvals', 'HEAD'], /would be made by hand/],
  [['tag', '-d', 'promotions/a/production/1'], /would be deleted/],
  [['notes', '--ref=snapshots', 'add', '-m', 'x'], /would be moved by hand.*git snapshot log repair/s],
  [['fetch', '.', `+HEAD:${LOG}`], /would be moved by hand/],
  [['push', '--no-verify', '.', `:${SNAPSHOT}`], /would be deleted/],
  [['fetch', '--prune', '.', 'refs/nothing/*:refs/snapshots/*', 'refs/heads/main'], /would be deleted/],
];

describe('accidents', () => {
  test.each(['loose', 'packed'])('with %s refs change nothing', async (kind) => {
    const repo = await guarded();
    if (kind === 'packed') repo.git('pack-refs', '--all');
    const before = refs(repo);
    for (const [args, said] of ACCIDENTS) {
      const { code, stderr } = gitIn(repo.dir, args, env);
      expect([args, code === 0]).toEqual([args, false]);
      expect(stderr).toMatch(said);
      expect(stderr).toContain('GIT_SNAPSHOT_WRITER=1');
      expect([args, refs(repo)]).toEqual([args, before]);
    }
  });

  test('a packed ref that was changed since, and one that is packed without being pruned', async () => {
    const repo = await guarded();
    gitIn(repo.dir, ['pack-refs', '--all', '--no-prune'], env);
    for (const args of [
      ['update-ref', '-d', SNAPSHOT],
      ['update-ref', '-d', SNAPSHOT, 'HEAD~1'],
    ]) {
      expect(gitIn(repo.dir, args, env).code).not.toBe(0);
      gitIn(repo.dir, ['update-ref', SNAPSHOT, 'HEAD'], OURS);
    }
    expect(repo.git('rev-parse', SNAPSHOT)).toBe(repo.git('rev-parse', 'HEAD'));
  });

  test('a mirror is refused whole', async () => {
    const [from, to] = [tempRepo(), await guarded()];
    from.git('commit', '-q', '--allow-empty', '-m', 'other');
    const before = refs(to);
    to.git('config', 'receive.denyCurrentBranch', 'ignore');
    expect(gitIn(from.dir, ['push', '--mirror', '--atomic', to.dir], env).code).not.toBe(0);
    expect(refs(to)).toBe(before);
  });

  test('with many refs at once', async () => {
    const repo = await guarded();
    const head = repo.git('rev-parse', 'HEAD');
    const lines = Array.from({ length: 100 }, (_, i) => `create refs/snapshots/a/b${i} ${head}\n`).join('');
    const { code, stderr } = gitIn(repo.dir, ['update-ref', '--stdin'], env, lines);
    expect(code).not.toBe(0);
    expect(stderr).toContain('error: and 80 more\n');
  });
});

describe('what passes', () => {
  test('packing, gc, remotes, working trees, and what changes nothing', async () => {
    const repo = await guarded();
    const before = refs(repo);
    const steps = [
      ['update-ref', SNAPSHOT, 'HEAD~1'],
      ['update-ref', '-d', 'refs/snapshots/none/such'],
      ['pack-refs', '--all'],
      ['fetch', '-q', '.', `${SNAPSHOT}:${SNAPSHOT}`],
      ['gc', '-q', '--prune=now'],
      ['remote', 'add', 'o', '.'],
      ['fetch', '-q', 'o'],
      ['remote', 'remove', 'o'],
      ['worktree', 'add', '-q', 'linked', '-b', 'linked'],
      ['worktree', 'remove', 'linked'],
      ['branch', '-D', 'linked'],
    ];
    for (const step of steps) expect([step, gitIn(repo.dir, step, env)]).toMatchObject([step, { code: 0 }]);
    expect(refs(repo)).toBe(before);
    // Some loose, some packed, some both.
    gitIn(repo.dir, ['update-ref', LOG, 'HEAD'], OURS);
    gitIn(repo.dir, ['update-ref', 'refs/promotions/a/b/1', 'HEAD'], OURS);
    const loose = refs(repo);
    for (const step of [
      ['pack-refs', '--all', '--no-prune'],
      ['pack-refs', '--all'],
      ['gc', '-q'],
    ])
      expect([step, gitIn(repo.dir, step, env)]).toMatchObject([step, { code: 0 }]);
    expect(refs(repo)).toBe(loose);
    expect(repo.git('fsck', '--strict')).toBe('');
  });

  test('packing does not need the program', async () => {
    const repo = await guarded();
    const head = repo.git('rev-parse', 'HEAD');
    const lines = Array.from({ length: 60 }, (_, i) => `create refs/snapshots/a/b${i} ${head}\n`).join('');
    expect(gitIn(repo.dir, ['update-ref', '--stdin'], OURS, lines).code).toBe(0);
    const { recorder } = await import('./hooked-repo.ts');
    const { env: recording, calls } = recorder();
    expect(gitIn(repo.dir, ['pack-refs', '--all'], recording).code).toBe(0);
    expect(calls()).toEqual([]);
    // Nor where it is not to be found.
    repo.git('gc', '-q');
    expect(gitIn(repo.dir, ['update-ref', '-d', SNAPSHOT], recording).code).toBe(0);
    expect(calls()).toEqual(['hook reference-transaction -- prepared', 'hook reference-transaction -- prepared']);
  });

  test('a writer who says so', async () => {
    const repo = await guarded();
    expect(gitIn(repo.dir, ['update-ref', '-d', SNAPSHOT], { ...env, ...OURS }).code).toBe(0);
  });
});
