import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';

/** Which gpg, and its surroundings. */
export interface GpgOptions {
  /** Name or path of the program: from the user's own configuration, never from the repository's. */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  /** How long it may take, with all the time a person needs to type a passphrase. */
  readonly timeoutMs: number;
}

/** What gpg did. */
export interface GpgResult {
  readonly exitCode: number | null;
  readonly stdout: ByteString;
  /** The status lines, split into words, without their `[GNUPG:]`. */
  readonly status: readonly (readonly string[])[];
  /** What gpg said last, fit for display; empty if nothing. */
  readonly lastWords: string;
}

/** Status lines have a descriptor of their own: on gpg's output or errors, a crafted user id could forge one. */
const STATUS_FD = 3;

/**
 * `--no-options`: a `gpg.conf` can add signers, weak digests, text mode and expiry dates to a signature. Keys, agent and
 * pinentry do not depend on it.
 */
const FIXED_ARGS = ['--no-options', '--batch', '--no-tty', `--status-fd=${STATUS_FD}`];

/**
 * Runs gpg.
 *
 * @throws {SnapshotError} of kind `config` if there is no such program, or it takes too long
 */
export async function runGpg(options: GpgOptions, args: readonly string[], input: ByteString = ''): Promise<GpgResult> {
  const { program, env, timeoutMs } = options;
  const child = spawn(program, [...FIXED_ARGS, ...args], { env, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  const statusStream = child.stdio[STATUS_FD] as Readable;
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // gpg may end, with a reason, before it has read everything.
  child.stdin.once('error', () => {});
  child.stdin.end(Buffer.from(input, 'latin1'));
  const finished = Promise.all([exited, readAll(child.stdout), readAll(child.stderr), readAll(statusStream)]);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  try {
    const outcome = await Promise.race([finished, late]);
    if (outcome === undefined) throw lateError(options);
    const [exitCode, stdout, stderr, status] = outcome;
    const lastWords = displayBytes(stderr.trimEnd().split('\n').at(-1) ?? '');
    return { exitCode, stdout, status: parseStatus(status), lastWords };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    throw code === 'ENOENT' || code === 'EACCES' ? startError(program, error) : error;
  } finally {
    clearTimeout(timer);
    // What gpg has started may hold the pipes longer than gpg itself.
    child.kill('SIGKILL');
    for (const stream of [child.stdout, child.stderr, statusStream]) stream.destroy();
  }
}

/** The rest of each status line of that keyword. */
export function statusLines({ status }: GpgResult, keyword: string): (readonly string[])[] {
  return status.filter(([word]) => word === keyword).map(([, ...words]) => words);
}

function startError(program: string, cause: unknown): SnapshotError {
  return new SnapshotError('config', `cannot run '${program}'`, {
    hint: 'Install GnuPG, set "git config --global gpg.program", or sign with a key file of your own.',
    cause,
  });
}

function lateError({ program, timeoutMs }: GpgOptions): SnapshotError {
  return new SnapshotError('config', `'${program}' did not finish within ${Math.ceil(timeoutMs / 1000)} s`, {
    hint: 'See whether a passphrase prompt is waiting somewhere; run "gpgconf --kill gpg-agent" to start afresh.',
  });
}

function parseStatus(text: ByteString): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('[GNUPG:] '))
    .map((line) => line.split(' ').slice(1));
}

async function readAll(stream: Readable): Promise<ByteString> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}
