import { expect } from 'vitest';
import type { App } from '../../src/cli/app/app.ts';
import type { GovernedRepo } from './governed-repo.ts';
import { withApp } from './open-app.ts';

const LOG = 'refs/notes/snapshots';

/** Runs a rollback that stops when its changes are in place, and of which the log does not tell. */
export async function stoppedRollback(
  repo: GovernedRepo,
  rollBack: (app: App) => Promise<unknown>,
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  let log = '';
  const phase = (title: string) => {
    if (title === 'Taking it back') throw new Error('stopped');
    return () => {
      if (title !== 'Replacing files') return;
      log = repo.git('rev-parse', LOG);
      repo.git('update-ref', '-d', LOG);
      throw new Error('stopped');
    };
  };
  await expect(withApp(repo, rollBack, { phase, env })).rejects.toThrow('stopped');
  repo.git('update-ref', LOG, log);
}
