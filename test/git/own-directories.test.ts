import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRepository } from '../../src/git/open-repository.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

const open = (cwd: string) => openRepository({ cwd, env: process.env });

test.each(['snapshot', 'snapshot/transactions', 'snapshot/rehearsal', 'snapshot/cache', 'snapshot/cache/artifacts'])(
  'a repository in which .git/%s is a link is refused before anything in it is removed',
  async (name) => {
    const { dir, git } = tempRepo();
    const victim = tempDir();
    writeFileSync(join(victim, 'thesis.tex'), 'years of work');
    utimesSync(join(victim, 'thesis.tex'), 0, 0);
    const link = join(dir, '.git', name);
    mkdirSync(join(link, '..'), { recursive: true });
    symlinkSync(victim, link);
    const refusal = {
      kind: 'untrusted',
      message: `'${link}' is a link to a directory, and git-snapshot makes none there`,
    };
    await expect(open(dir)).rejects.toMatchObject(refusal);
    git('config', 'core.sharedRepository', 'group');
    git('commit', '-q', '--allow-empty', '-m', 'one');
    const linked = join(tempDir(), 'linked');
    git('worktree', 'add', '-q', linked);
    await expect(open(linked)).rejects.toMatchObject(refusal);
    expect(readdirSync(victim)).toEqual(['thesis.tex']);
  },
);

test('links of the user, in what was rescued of theirs, are no reason to refuse', async () => {
  const { dir } = tempRepo();
  const rescued = join(dir, '.git/snapshot/rescued/0123456789abcdef');
  mkdirSync(rescued, { recursive: true });
  symlinkSync('/nowhere', join(rescued, 'current'));
  expect((await open(dir)).gitDir).toBe(join(dir, '.git'));
});

test('a file in the place of our directory is an error in words', async () => {
  const { dir } = tempRepo();
  writeFileSync(join(dir, '.git/snapshot'), 'x');
  await expect(open(dir)).rejects.toMatchObject({
    kind: 'config',
    message: `'${join(dir, '.git/snapshot')}' is not a directory`,
  });
});
