import type { GitPlace } from '../git-place.ts';
import type { RunOptions } from '../run-git.ts';
import { gitFailure, spawnGit, startError } from '../run-git.ts';

/** Standard output of a git command, as it comes. @throws {SnapshotError} of kind `git` after the last byte, if it failed */
export async function* gitBytes(
  place: GitPlace,
  args: readonly string[],
  { stdin, ...options }: Pick<RunOptions, 'config' | 'env'> & { readonly stdin: Iterable<string> },
): AsyncGenerator<Buffer, void, undefined> {
  const { Readable, pipeline } = process.getBuiltinModule('node:stream');
  const child = spawnGit(place, args, options);
  const stderr: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const ended = new Promise<number | string>((resolve, reject) => {
    child.on('error', (error) => reject(startError(error, place)));
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  ended.catch(() => {});
  // Its exit, which follows, tells more than a pipe that it broke.
  pipeline(Readable.from(stdin), child.stdin, () => undefined);
  let isWhole = false;
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    isWhole = true;
  } finally {
    if (!isWhole) child.kill();
  }
  const ending = await ended;
  if (ending !== 0) throw gitFailure(args, ending, Buffer.concat(stderr));
}
