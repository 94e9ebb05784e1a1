import { PassThrough } from 'node:stream';
import type { App } from '../../src/cli/app/app.ts';
import { openApp } from '../../src/cli/wire.ts';
import type { ProgressReporter } from '../../src/core/ports.ts';
import type { GovernedRepo } from './governed-repo.ts';

interface AppSurroundings {
  readonly env?: NodeJS.ProcessEnv;
  readonly phase?: ProgressReporter['phase'];
  /** The clock, in milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Runs a flow in this process, where the test can do something in the middle of it. */
export async function withApp<T>(
  { dir }: Pick<GovernedRepo, 'dir'>,
  act: (app: App) => Promise<T>,
  { env = {}, phase = () => () => undefined, now = () => Date.now() }: AppSurroundings = {},
): Promise<T> {
  const sink = { write: () => true };
  const io = {
    cwd: dir,
    env: { ...process.env, ...env },
    stdin: new PassThrough(),
    stdout: sink,
    stderr: sink,
    now,
  };
  const refuse = async () => Promise.reject(new Error('nobody is there to ask'));
  const app = await openApp(io, {
    directory: dir,
    prompt: { available: false, confirm: refuse, passphrase: refuse },
    progress: { phase },
    note: () => undefined,
    advise: () => undefined,
  });
  try {
    return await act(app);
  } finally {
    await app.close();
  }
}
