import { spawn } from 'node:child_process';
import type { ByteString } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { OutputHead } from './output-head.ts';

/** A program that is to be run, in a process group of its own. */
export interface Command {
  /** The program, by a name on the PATH or an absolute path, and its arguments. */
  readonly argv: readonly string[];
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** How much of what it prints is kept, its two streams together. */
  readonly maxOutputBytes: number;
  /** Set off to kill it, and all that it has started. */
  readonly signal: AbortSignal;
}

/** How it ended. */
export interface CommandEnd {
  /** Undefined: it was killed. */
  readonly exitCode: number | undefined;
  readonly killedBy: string | undefined;
  readonly output: ByteString;
}

// What it has started may hold its streams open; they are read no longer than that.
const DRAIN_MS = 1000;

/**
 * Runs a program with no shell and no input, to its end. What it leaves running in its process group is killed then,
 * with SIGKILL, which no program can ignore; only a program that leaves the group on purpose outlives it.
 *
 * @throws {SnapshotError} of kind `gate` if it cannot be started
 */
export async function runCommand({ argv, directory, env, maxOutputBytes, signal }: Command): Promise<CommandEnd> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const killAll = () => killGroup(child.pid);
  // Before all else: without a listener, a program that cannot be started would end this one.
  const ended = new Promise<Omit<CommandEnd, 'output'>>((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new SnapshotError('gate', `cannot start '${program}': ${cause.message}`, { cause }));
    });
    child.once('exit', (code, killedBy) => {
      killAll();
      resolve({ exitCode: code ?? undefined, killedBy: killedBy ?? undefined });
    });
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  signal.addEventListener('abort', killAll);
  // Its group is not that of the terminal: an interrupt would end this process, and leave that one.
  process.once('exit', killAll);
  try {
    const head = new OutputHead(maxOutputBytes);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => head.add(chunk));
    const end = await ended;
    await drain(closed);
    return { ...end, output: head.bytes };
  } finally {
    signal.removeEventListener('abort', killAll);
    process.removeListener('exit', killAll);
    for (const stream of child.stdio) stream?.destroy();
  }
}

async function drain(closed: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DRAIN_MS);
  });
  await Promise.race([closed, late]);
  clearTimeout(timer);
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody is left in it; or, on macOS, nobody but those that have ended already.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
