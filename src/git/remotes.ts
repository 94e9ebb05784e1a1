import { escapeText } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import { textPath } from './files/fs-path.ts';
import type { Repository } from './open-repository.ts';

/** A remote of the repository. */
export interface Remote {
  readonly name: string;
  readonly fetchUrl: string;
}

/** The remotes that git knows here. */
export async function listRemotes(repository: Repository): Promise<Remote[]> {
  return ask('list the remotes', async () => {
    const remotes = await (await simpleGitIn(repository)).getRemotes(true);
    return remotes.filter(({ name }) => name !== '').map(({ name, refs }) => ({ name, fetchUrl: refs.fetch }));
  });
}

// simple-git takes GIT_DIR and its like out of the environment, so it has to stand in the repository itself.
async function simpleGitIn(repository: Repository) {
  const { simpleGit } = await import('simple-git');
  return simpleGit({ baseDir: textPath(repository.commonDir), timeout: { block: 30_000 } });
}

async function ask<Result>(what: string, question: () => Promise<Result>): Promise<Result> {
  const { GitError } = await import('simple-git');
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new SnapshotError('git', `cannot ${what}: ${escapeText(error.message.trim())}`, { cause: error });
  }
}
