import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { escapeText } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import { once } from '../core/once.ts';
import type { GitPlace } from './git-place.ts';

/** How one git command is run. */
export interface RunOptions {
  readonly stdin?: Uint8Array | string;
  /** More variables. `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** More `-c key=value` settings. */
  readonly config?: readonly string[];
  /** Exit codes that are answers, not failures. Default: 0 alone. */
  readonly okCodes?: readonly number[];
  /** Let the hooks of the repository run: for ref updates only, which a guard may want to see. */
  readonly hooks?: boolean;
  /** Called with the number of its process before it is given anything on standard input. */
  readonly onStart?: (pid: number) => void;
  /** Without a terminal to ask at, and ended by a signal to all of its session. */
  readonly ownSession?: boolean;
}

/** What a git command left behind. */
export interface GitOutput {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** With hooks too: then it may be one that talks to a remote, or whose hook does. */
function environmentOf({ env }: GitPlace, options: RunOptions): NodeJS.ProcessEnv {
  // A git before 2.45 may know nothing of GIT_NO_LAZY_FETCH, and would ask a promisor remote for whatever is missing.
  return { ...env, ...(options.hooks ? {} : { GIT_ALLOW_PROTOCOL: 'none' }), ...options.env };
}

/** Loaded when a git is started: listings mostly need none, and it takes 5 ms. */
const childProcesses = once(() => process.getBuiltinModule('node:child_process'));

/** Starts git with an argument array, no shell. The caller owns the process. */
export function spawnGit(
  place: GitPlace,
  args: readonly string[],
  options: RunOptions = {},
): ChildProcessWithoutNullStreams {
  const child = childProcesses().spawn('git', withSettings(args, options), {
    cwd: place.cwd,
    env: environmentOf(place, options),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    detached: options.ownSession === true,
  });
  if (child.pid !== undefined) tellStart(child, child.pid, options);
  return child;
}

/** A git whose start cannot be told must not go on. */
function tellStart(child: ChildProcessWithoutNullStreams, pid: number, { onStart }: RunOptions): void {
  try {
    onStart?.(pid);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function withSettings(args: readonly string[], { hooks, config = [] }: RunOptions): string[] {
  const settings = ['core.fsmonitor=false', ...(hooks ? [] : ['core.hooksPath=/dev/null']), ...config];
  return [...settings.flatMap((setting) => ['-c', setting]), ...args];
}

const MAX_OUTPUT_BYTES = 2 ** 30;

/**
 * As {@link runGit}, but nothing else happens meanwhile. For questions that git answers in milliseconds: the first
 * process that is started the other way costs some 8 ms more, for streams and sockets that have to be loaded.
 */
export function runGitSync(place: GitPlace, args: readonly string[], options: RunOptions = {}): GitOutput {
  const { status, signal, stdout, stderr, error } = childProcesses().spawnSync('git', withSettings(args, options), {
    cwd: place.cwd,
    env: environmentOf(place, options),
    input: options.stdin ?? '',
    maxBuffer: MAX_OUTPUT_BYTES,
    windowsHide: true,
  });
  if (error !== undefined) throw startError(error, place);
  if (status !== null && (options.okCodes ?? [0]).includes(status)) return { code: status, stdout, stderr };
  throw gitFailure(args, status ?? signal ?? 'unknown', stderr);
}

/**
 * Runs git to its end.
 *
 * @throws {GitDiedError} for a git that a signal ended
 * @throws {SnapshotError} of kind `git` for an exit code that is not in `okCodes`, or a git that is not there
 */
export function runGit(place: GitPlace, args: readonly string[], options: RunOptions = {}): Promise<GitOutput> {
  return new Promise((resolve, reject) => {
    const child = spawnGit(place, args, options);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => reject(startError(error, place)));
    child.on('close', (code, signal) => {
      const output = { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
      if (code === null) reject(new GitDiedError(args, signal ?? 'a signal', output.stderr));
      else if ((options.okCodes ?? [0]).includes(code)) resolve({ code, ...output });
      else reject(gitFailure(args, code, output.stderr));
    });
    // A git that dies early leaves a broken pipe; its exit code tells more than that does.
    child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
    });
    child.stdin.end(options.stdin);
  });
}

/** A git that a signal ended: it could not clear up. */
export class GitDiedError extends SnapshotError {
  constructor(args: readonly string[], signal: string, stderr: Buffer) {
    super('git', failureText(args, `ended by ${signal}`, stderr), { hint: AGAIN });
  }
}

/** A git that failed: the command, how it ended (exit code or signal), and what it said. */
export function gitFailure(args: readonly string[], ending: number | string, stderr: Buffer): SnapshotError {
  const how = typeof ending === 'number' ? `exit code ${ending}` : `ended by ${ending}`;
  return new SnapshotError('git', failureText(args, how, stderr), { hint: AGAIN });
}

const AGAIN = 'Remove the cause that git names, then run the command again.';

function failureText(args: readonly string[], how: string, stderr: Buffer): string {
  const said = describeStderr(stderr);
  return `'git ${commandName(args)}' failed (${how})${said === '' ? '' : `: ${said}`}`;
}

/** What git wrote to stderr, safe to print, in one line and not too long. */
export function describeStderr(stderr: Buffer): string {
  const lines = stderr
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const text = lines.map(escapeText).join('; ');
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}

/** A git that could not be started. */
export function startError(error: NodeJS.ErrnoException, place: GitPlace): SnapshotError {
  // spawn says ENOENT for a missing directory too.
  if (error.code === 'ENOENT' && !existsSync(place.cwd)) {
    return new SnapshotError('not-found', `no such directory: '${escapeText(place.cwd)}'`, {
      cause: error,
      hint: 'Change to a directory that is there, or name one with -C.',
    });
  }
  if (error.code === 'ENOENT') {
    return new SnapshotError('git', 'git is not installed, or not on the PATH', {
      cause: error,
      hint: 'Install git 2.34 or newer.',
    });
  }
  return new SnapshotError('git', `cannot start git: ${error.code ?? escapeText(error.message)}`, { cause: error });
}

function commandName(args: readonly string[]): string {
  return escapeText(args.find((arg) => !arg.startsWith('-')) ?? '');
}
