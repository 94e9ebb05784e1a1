import type { ProgressReporter } from '../../core/ports.ts';
import type { Repository } from '../open-repository.ts';
import { type RunOptions, spawnGit, startError } from '../run-git.ts';
import { ProgressLines, type RemoteWords } from './progress-lines.ts';

/** A command of git that talks to a remote. */
export interface RemoteCommand {
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly config?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly report?: ProgressReporter | undefined;
  readonly onStart?: RunOptions['onStart'];
}

/** How it ended. */
export interface RemoteEnd {
  readonly code: number | NodeJS.Signals;
  readonly stdout: Buffer;
  readonly words: RemoteWords;
}

/**
 * Runs git to its end, telling its progress meanwhile. Passwords are asked for as always: git and ssh use the terminal
 * itself. Guards of the user's on refs run; nothing else of the repository's hooks does, as the callers see to.
 *
 * @throws {SnapshotError} of kind `git` if git cannot be started; how it ends is for the caller to judge
 */
export function runRemote({ place }: Repository, command: RemoteCommand): Promise<RemoteEnd> {
  const { args, stdin, config = [], env = {}, report, onStart } = command;
  return new Promise((resolve, reject) => {
    const child = spawnGit(place, args, { config, env, hooks: true, ...(onStart && { onStart }) });
    const stdout: Buffer[] = [];
    const lines = new ProgressLines(report);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (chunk: string) => lines.add(chunk));
    child.on('error', (error) => reject(startError(error, place)));
    child.on('close', (code, signal) => {
      lines.end();
      resolve({ code: code ?? signal ?? 'SIGKILL', stdout: Buffer.concat(stdout), words: lines.words });
    });
    // A git that dies early leaves a broken pipe; how it ended tells more than that does.
    child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
    });
    child.stdin.end(stdin);
  });
}
