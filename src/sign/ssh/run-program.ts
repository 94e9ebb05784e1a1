import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';

/** How to run a program of the user's. */
export interface ProgramOptions {
  /** Name or path of the program: from the user's own configuration, never from the repository's. */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
}

/** What a program said. */
export interface ProgramResult {
  readonly exitCode: number | null;
  readonly stdout: ByteString;
  readonly stderr: ByteString;
  /** The last line of its errors, fit for display; empty if nothing. */
  readonly lastWords: string;
}

/**
 * Runs a program without a shell. Its input is the terminal where we have one, so that it can ask for a passphrase, and
 * empty elsewhere.
 *
 * @throws {SnapshotError} of kind `config` if there is no such program, or it takes too long
 */
export async function runProgram(options: ProgramOptions, args: readonly string[]): Promise<ProgramResult> {
  const { program, env, timeoutMs } = options;
  const child = spawn(program, args, { env, stdio: [process.stdin.isTTY ? 'inherit' : 'ignore', 'pipe', 'pipe'] });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  try {
    const outcome = await Promise.race([Promise.all([exited, readAll(child.stdout), readAll(child.stderr)]), late]);
    if (outcome === undefined) {
      throw new SnapshotError('config', `'${program}' did not finish within ${Math.ceil(timeoutMs / 1000)} s`, {
        hint: 'See whether it waits for a passphrase, a PIN, or a touch.',
      });
    }
    const [exitCode, stdout, stderr] = outcome;
    return { exitCode, stdout, stderr, lastWords: displayBytes(stderr.trimEnd().split('\n').at(-1) ?? '') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT' && code !== 'EACCES') throw error;
    throw new SnapshotError('config', `cannot run '${program}'`, {
      hint: 'Install OpenSSH, or correct the setting of git that names the program.',
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
  }
}

async function readAll(stream: Readable): Promise<ByteString> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}
