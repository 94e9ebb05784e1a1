import { expect, test } from 'vitest';
import { openRepository } from '../../src/git/open-repository.ts';
import { runGit, runGitSync } from '../../src/git/run-git.ts';
import { tempRepo } from '../support/temp-repo.ts';

test('a git that has no business with a remote cannot reach one, whatever the configuration says', async () => {
  const other = tempRepo();
  const { dir, git } = tempRepo();
  git('remote', 'add', 'origin', other.dir);
  git('config', 'protocol.allow', 'always');
  const { place } = await openRepository({ cwd: dir, env: process.env });
  await expect(runGit(place, ['ls-remote', 'origin'])).rejects.toThrow("transport 'file' not allowed");
  expect(() => runGitSync(place, ['ls-remote', 'origin'])).toThrow("transport 'file' not allowed");
  await expect(runGit(place, ['ls-remote', 'origin'], { hooks: true })).resolves.toMatchObject({ code: 0 });
});
