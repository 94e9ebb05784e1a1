import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectFormat } from '../../core/oid.ts';
import { gitEnvironment } from '../git-place.ts';
import type { Repository } from '../open-repository.ts';
import { openRepository } from '../open-repository.ts';
import { runGitSync } from '../run-git.ts';
import { ownEnvironment } from '../scratch/own-environment.ts';

/** A bare repository that only this user can look into, for as long as it is needed. */
export interface TemporaryRepository {
  readonly repository: Repository;
  remove(): void;
}

/** Makes one, empty. @param beforeExit - asked to remove it should the process end before */
export async function temporaryRepository({
  parent,
  env,
  format,
  beforeExit,
}: {
  readonly parent: string;
  readonly env: NodeJS.ProcessEnv;
  readonly format: ObjectFormat;
  readonly beforeExit: (act: () => void) => () => void;
}): Promise<TemporaryRepository> {
  // Asked before there is anything: to hear of signals takes node some milliseconds to set up.
  let made: string | undefined;
  const drop = () => {
    if (made !== undefined) rmSync(made, { recursive: true, force: true, maxRetries: 5 });
  };
  const forget = beforeExit(drop);
  // Made with mode 0700.
  const directory = mkdtempSync(join(parent, 'git-snapshot-import-'));
  made = directory;
  const remove = () => {
    drop();
    forget();
  };
  try {
    const own = ownEnvironment(env);
    runGitSync({ cwd: directory, env: gitEnvironment(own) }, [
      'init',
      '--quiet',
      '--bare',
      '--template=',
      `--object-format=${format.name}`,
      directory,
    ]);
    const repository = await openRepository({ cwd: directory, env: { ...own, GIT_DIR: directory } });
    return { repository, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
