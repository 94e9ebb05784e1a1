import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { tempDir } from '../support/temp-repo.ts';
import type { Attack } from './support/attack.ts';
import { body, putTag } from './support/forge.ts';
import { expectGood, expectRefusal } from './support/refusal.ts';
import { type Scene, tryRun } from './support/scene.ts';

const nameOf = ({ set, id }: { set: string; id: string }) => `${set}/${id}`;

/** A program that leaves a mark when it is run, and says that all is well. */
function trap(output = ''): { program: string; mark: string } {
  const dir = tempDir();
  const mark = join(dir, 'ran');
  const program = join(dir, 'trap');
  writeFileSync(program, `#!/bin/sh\ntouch ${mark}\n${output}`);
  chmodSync(program, 0o755);
  return { program, mark };
}

/** Everything that a person does. */
async function useEverything({ repo, good }: Scene): Promise<void> {
  for (const words of [
    ['snapshot', 'status'],
    ['snapshot', 'list'],
    ['snapshot', 'log'],
    ['snapshot', 'diff', good.id],
    ['snapshot', 'verify', '--all'],
    ['snapshot', 'create', '--set', 'artifacts', '-m', 'more'],
    ['rollback', '--yes', '--set', 'artifacts', good.id],
    ['rollback', '--yes', '--set', 'artifacts', '--undo'],
  ]) {
    const set = words.includes('--set') || words.includes('--all') || words[1] === 'log' ? [] : ['--set', 'artifacts'];
    const { code, stderr } = await repo.run([...words, ...set]);
    expect([0, 1], `${words.join(' ')}: ${stderr}`).toContain(code);
  }
}

interface Setting {
  readonly id: string;
  readonly key: string;
  readonly attack: string;
  readonly plainGit: string;
  /** What has git run it. */
  readonly git: (scene: Scene) => readonly string[];
  readonly prepare?: (scene: Scene) => void;
  readonly output?: string;
}

/** A setting of the repository's own configuration that names a program. */
const setting = ({ id, key, attack, plainGit, git, prepare, output }: Setting): Attack => ({
  id,
  class: 'configuration',
  attack,
  plainGit,
  product: 'does not run it, whatever is done',
  run: async (scene) => {
    const { repo } = scene;
    const { program, mark } = trap(output);
    repo.git('config', key, program);
    prepare?.(scene);
    tryRun('git', git(scene), { cwd: repo.dir });
    expect(existsSync(mark), 'git runs it').toBe(true);
    rmSync(mark);
    await useEverything(scene);
    expect(existsSync(mark)).toBe(false);
    await expectGood(scene);
  },
});

export const CONFIGURATION_ATTACKS: readonly Attack[] = [
  {
    id: 'gpg-program',
    class: 'configuration',
    attack: '`gpg.program` of the repository says "good" to everything',
    plainGit: 'runs it, and `verify-tag` is happy with a forged tag',
    product: 'verifies in its own process, and runs nothing: refuses the forged tag (`signature`)',
    run: async (scene) => {
      const { repo, good } = scene;
      const { program, mark } = trap(
        'printf "\\n[GNUPG:] GOODSIG 0000000000000000 ada\\n[GNUPG:] VALIDSIG 0 2026-11-22 0\\n[GNUPG:] TRUST_ULTIMATE 0 pgp\\n"\n',
      );
      repo.git('config', 'gpg.program', program);
      putTag(repo, good, body(repo, 'tag', good.tag).replace('\n\ngood\n', '\n\nevil\n'));
      expect(tryRun('git', ['verify-tag', good.ref], { cwd: repo.dir }).code).toBe(0);
      expect(existsSync(mark)).toBe(true);
      rmSync(mark);
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['log', 'signature'] },
        says: /does not match the content/,
        log: /and it is at/,
      });
      expect(existsSync(mark)).toBe(false);
    },
  },
  setting({
    id: 'signing-program',
    key: 'gpg.program',
    attack: '`gpg.program` of the repository, when somebody signs',
    plainGit: 'runs it: `git tag -s`',
    git: () => ['tag', '-s', '-m', 'x', 'x', 'refs/notes/snapshots'],
  }),
  setting({
    id: 'ssh-program',
    key: 'gpg.ssh.program',
    attack: '`gpg.format = ssh` and `gpg.ssh.program` of the repository',
    plainGit: 'runs it: `git tag -s`',
    prepare: ({ repo }) => {
      repo.git('config', 'gpg.format', 'ssh');
      repo.git('config', 'user.signingKey', 'key::ssh-ed25519 AAAA');
    },
    git: () => ['tag', '-s', '-m', 'x', 'x', 'refs/notes/snapshots'],
  }),
  setting({
    id: 'ssh-key-command',
    key: 'gpg.ssh.defaultKeyCommand',
    attack: '`gpg.ssh.defaultKeyCommand` of the repository',
    plainGit: 'runs it: `git tag -s`',
    prepare: ({ repo }) => repo.git('config', 'gpg.format', 'ssh'),
    git: () => ['tag', '-s', '-m', 'x', 'x', 'refs/notes/snapshots'],
  }),
  setting({
    id: 'fsmonitor',
    key: 'core.fsmonitor',
    attack: '`core.fsmonitor` of the repository',
    plainGit: 'runs it: `git status`',
    git: () => ['status'],
  }),
  setting({
    id: 'external-diff',
    key: 'diff.external',
    attack: '`diff.external` of the repository',
    plainGit: 'runs it: `git diff`',
    git: ({ good, other }) => ['diff', good.ref, other.ref],
  }),
  setting({
    id: 'alias',
    key: 'alias.snapshot',
    attack: 'An alias of the name of our command',
    plainGit: 'runs the alias where the program is not installed',
    prepare: ({ repo }) => {
      const program = repo.git('config', 'alias.snapshot');
      repo.git('config', 'alias.snapshot', `!${program}`);
    },
    git: () => ['snapshot'],
  }),
  {
    id: 'commit-graph',
    class: 'configuration',
    attack: 'A commit-graph file that claims other parents for the log’s commits',
    plainGit: '`git log` believes it',
    product: 'does not read it',
    run: async (scene) => {
      const { repo } = scene;
      repo.git('commit-graph', 'write', '--reachable');
      const file = join(repo.dir, '.git/objects/info/commit-graph');
      const bytes = readFileSync(file);
      // The tip's row of the table of parents: each has the tree's name, two parents, and the time.
      const tip = Buffer.from(repo.git('rev-parse', 'refs/notes/snapshots^{tree}'), 'hex');
      const at = bytes.indexOf(tip) + 20;
      expect(at).toBeGreaterThan(20);
      chmodSync(file, 0o644);
      bytes.writeUInt32BE(0x70000000, at);
      writeFileSync(file, bytes);
      expect(tryRun('git', ['rev-list', '--count', 'refs/notes/snapshots'], { cwd: repo.dir }).stdout.trim()).toBe('1');
      await expectGood(scene);
    },
  },
  {
    id: 'work-tree-elsewhere',
    class: 'configuration',
    attack: '`core.worktree` of the repository names another directory',
    plainGit: 'writes there',
    product:
      'works in the tree that git names, and touches nothing of the set but what a snapshot has: the plan says where',
    run: async (scene) => {
      const { repo, good } = scene;
      const elsewhere = tempDir();
      writeFileSync(join(elsewhere, 'precious'), 'x');
      repo.git('config', 'core.worktree', elsewhere);
      await repo.run(['rollback', '--yes', '--set', 'artifacts', good.id]);
      expect(readFileSync(join(elsewhere, 'precious'), 'utf8')).toBe('x');
      expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('now\n');
    },
  },
  {
    id: 'linked-directories',
    class: 'configuration',
    attack:
      'a repository that was handed over, as an archive, has links to directories of the user where this program keeps its own',
    plainGit: 'has nothing there',
    product: 'refuses the repository, with 6, before it removes anything that is of no more use to it',
    run: async ({ repo }) => {
      const victim = tempDir();
      const thesis = join(victim, 'thesis.tex');
      writeFileSync(thesis, 'years of work');
      utimesSync(thesis, 0, 0);
      for (const name of ['transactions', 'rehearsal', 'cache']) {
        const own = join(repo.dir, '.git/snapshot', name);
        rmSync(own, { recursive: true, force: true });
        symlinkSync(victim, own);
        for (const words of [['list'], ['status'], ['create', '--set', 'artifacts', '-m', 'more'], ['doctor']])
          expect(await repo.run(['snapshot', ...words]), words[0]).toMatchObject({
            code: 6,
            stderr: expect.stringContaining('is a link to a directory'),
          });
        rmSync(own);
      }
      expect(readFileSync(thesis, 'utf8')).toBe('years of work');
    },
  },
  {
    id: 'endless-files',
    class: 'configuration',
    attack:
      'such a repository has a FIFO, or a link to a device that never ends, where this program keeps what it remembers',
    plainGit: 'has nothing there',
    product: 'refuses the repository, with 6, and reads none of it',
    run: async ({ repo }) => {
      for (const name of [
        'clone',
        'cache/artifacts/expected',
        'cache/artifacts/state',
        'transactions/0123456789abcdef',
      ]) {
        const own = join(repo.dir, '.git/snapshot', name);
        for (const make of [() => execFileSync('mkfifo', [own]), () => symlinkSync('/dev/zero', own)]) {
          rmSync(own, { force: true });
          make();
          for (const words of [['list'], ['status'], ['create', '--set', 'artifacts', '-m', 'more']])
            expect(await repo.run(['snapshot', ...words]), words[0]).toMatchObject({
              code: 6,
              stderr: expect.stringContaining('git-snapshot makes none there'),
            });
        }
        rmSync(own);
      }
    },
  },
];
