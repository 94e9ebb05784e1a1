import { onTestFinished } from 'vitest';
import type { GitStore } from '../../src/core/ports.ts';
import { type GitStoreOptions, openGitStore } from '../../src/git/git-store.ts';
import { openRepository, type Repository } from '../../src/git/open-repository.ts';
import { processes } from '../../src/workdir/replace/process-identity.ts';
import { workerFile } from '../support/worker-file.ts';

/** The store of the repository at `cwd`, closed when the test ends. */
export async function openStore(
  cwd: string,
  { env = {}, ...options }: Partial<GitStoreOptions> & { env?: NodeJS.ProcessEnv } = {},
): Promise<{ store: GitStore; repository: Repository }> {
  const repository = await openRepository({ cwd, env: { ...process.env, ...env } });
  // Most tests need no disk that survives a power cut.
  const durability = async () => ({ fsync: false, coreFsync: null });
  const store = openGitStore(repository, {
    workerFile: await workerFile(),
    threads: 2,
    durability,
    processes: async () => processes,
    ...options,
  });
  onTestFinished(() => store.close());
  return { store, repository };
}
