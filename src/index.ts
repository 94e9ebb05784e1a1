/**
 * The library: everything that the commands can do, for programs.
 *
 * ```ts
 * const snapshots = await openSnapshots({ directory: '/srv/models' });
 * try {
 *   const { snapshot } = await snapshots.create({ message: 'nightly' });
 * } finally {
 *   await snapshots.close();
 * }
 * ```
 */
import { type Snapshots, withDefaults } from './cli/app/with-defaults.ts';
import { openApp } from './cli/wire.ts';
import { SnapshotError } from './core/errors.ts';
import type { ProgressReporter } from './core/ports.ts';

export type { App } from './cli/app/app.ts';
export type { Snapshots } from './cli/app/with-defaults.ts';
export type { ErrorKind } from './core/errors.ts';
export { MalformedError, MissingObjectError, RefConflictError, SnapshotError } from './core/errors.ts';
export type { Progress, ProgressReporter } from './core/ports.ts';
export { GatesFailedError } from './flows/gates/gates-failed-error.ts';
export type * from './flows/promotion/results.ts';
export type * from './flows/rehearsal/results.ts';
export type * from './flows/results.ts';
export { HealthFailedError } from './flows/rollback/health-failed-error.ts';

/** How to open a repository. */
export interface OpenOptions {
  /** Any directory in the repository. */
  readonly directory: string;
  /** Default: this process's. `GIT_SNAPSHOT_PASSPHRASE` in it opens the signing key. */
  readonly env?: NodeJS.ProcessEnv;
  readonly progress?: ProgressReporter;
  /** Told what a person might want to know beside the result. */
  readonly note?: (text: string) => void;
}

/**
 * Opens a repository. Nothing is asked of a person: what would need an answer is a {@link SnapshotError}.
 * Call `close` when done: until then, a git may run that answers questions. It does not keep the process alive.
 */
export async function openSnapshots(options: OpenOptions): Promise<Snapshots> {
  const { directory, env = process.env, progress, note = () => {} } = options;
  if (typeof directory !== 'string')
    throw new SnapshotError('usage', "'openSnapshots' needs 'directory'", {
      hint: 'Give any directory in the repository.',
    });
  const nobody = async (): Promise<never> => {
    throw new SnapshotError('usage', 'there is nobody to ask', {
      hint: 'Set GIT_SNAPSHOT_PASSPHRASE, or use a key without a passphrase.',
    });
  };
  const app = await openApp(
    {
      cwd: directory,
      env,
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      now: () => Date.now(),
    },
    {
      directory,
      prompt: { available: false, confirm: nobody, passphrase: nobody },
      progress: progress ?? { phase: () => () => {} },
      note,
      advise: (text) => note(`hint: ${text}`),
    },
  );
  return withDefaults(app);
}
