import type { Bytes } from '../../core/exchange/port.ts';
import type { GitPlace } from '../git-place.ts';
import type { GitOutput, RunOptions } from '../run-git.ts';
import { gitFailure, spawnGit, startError } from '../run-git.ts';

/** Runs git with standard input that comes piece by piece, no faster than git takes it. Any exit code is an answer. */
export async function feedGit(
  place: GitPlace,
  args: readonly string[],
  { chunks, ...options }: Pick<RunOptions, 'config' | 'env'> & { readonly chunks: Bytes },
): Promise<GitOutput> {
  const { Readable } = process.getBuiltinModule('node:stream');
  const { pipeline } = process.getBuiltinModule('node:stream/promises');
  const child = spawnGit(place, args, options);
  const ended = new Promise<GitOutput>((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => reject(startError(error, place)));
    child.on('close', (code, signal) => {
      const said = Buffer.concat(stderr);
      if (code === null) reject(gitFailure(args, signal ?? 'unknown', said));
      else resolve({ code, stdout: Buffer.concat(stdout), stderr: said });
    });
  });
  // Awaited below; without a listener now, a failure before that would end the process.
  ended.catch(() => {});
  try {
    await pipeline(Readable.from(chunks), child.stdin);
  } catch (error) {
    // A git that dies early leaves a broken pipe; its exit code tells more than that does.
    if (!isBrokenPipe(error)) {
      child.kill();
      await ended.catch(() => {});
      throw error;
    }
  }
  return ended;
}

function isBrokenPipe(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes(String(error.code))
  );
}
