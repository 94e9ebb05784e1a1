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
  /** Nobody is asked for anything, and it is ended after so many milliseconds. Undefined: it may ask, and takes what it takes. */
  readonly unattendedMs?: number | undefined;
}

/** How it ended. */
export interface RemoteEnd {
  readonly code: number | NodeJS.Signals;
  readonly stdout: Buffer;
  readonly words: RemoteWords;
  /** Whether it was ended because its time was up. */
  readonly isLate?: boolean;
}

/** Git and ssh ask at the terminal, which a process of its own session has not, or start a program that asks. */
const NOBODY_ASKED = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '',
  SSH_ASKPASS_REQUIRE: 'never',
  GCM_INTERACTIVE: 'never',
} as const;

/**
 * Runs git to its end, telling its progress meanwhile. Passwords are asked for as always, unless it is unattended: git and ssh
 * use the terminal itself. Guards of the user's on refs run; nothing else of the repository's hooks does, as the callers see to.
 *
 * @throws {SnapshotError} of kind `git` if git cannot be started; how it ends is for the caller to judge
 */
export function runRemote({ place }: Repository, command: RemoteCommand): Promise<RemoteEnd> {
  const { args, stdin, config = [], report, onStart, unattendedMs } = command;
  const isUnattended = unattendedMs !== undefined;
  const env = { ...command.env, ...(isUnattended && NOBODY_ASKED) };
  return new Promise((resolve, reject) => {
    const child = spawnGit(place, args, {
      ...{ config, env, hooks: true, ownSession: isUnattended },
      ...(onStart && { onStart }),
    });
    const limit = new TimeLimit(child, unattendedMs);
    const stdout: Buffer[] = [];
    const lines = new ProgressLines(report);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (chunk: string) => lines.add(chunk));
    child.on('error', (error) => reject(startError(error, place)));
    child.on('close', (code, signal) => {
      lines.end();
      limit.end();
      const { isOver: isLate } = limit;
      resolve({ code: code ?? signal ?? 'SIGKILL', stdout: Buffer.concat(stdout), words: lines.words, isLate });
    });
    // A git that dies early leaves a broken pipe; how it ended tells more than that does.
    child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
    });
    child.stdin.end(stdin);
  });
}

/** Ends a process that leads a session, and all that it has started, when its time is up. */
class TimeLimit {
  isOver = false;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor({ pid }: Pick<ReturnType<typeof spawnGit>, 'pid'>, afterMs: number | undefined) {
    if (pid === undefined || afterMs === undefined) return;
    this.#timer = setTimeout(() => {
      this.isOver = endSession(pid);
    }, afterMs);
  }

  /** It has ended by itself. */
  end(): void {
    clearTimeout(this.#timer);
  }
}

/** Whether anything of it was there still. */
function endSession(leader: number): boolean {
  try {
    return process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
