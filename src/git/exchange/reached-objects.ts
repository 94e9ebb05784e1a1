import { MalformedError } from '../../core/errors.ts';
import type { Repository } from '../open-repository.ts';
import { describeStderr, runGit } from '../run-git.ts';
import { gitBytes } from './git-bytes.ts';

/**
 * How many objects a repository has that none of its refs reaches.
 *
 * @throws {MalformedError} where one is missing that they do reach
 */
export async function countUnreached({ place }: Repository, what: string): Promise<number> {
  const all = await countLines(
    gitBytes(place, ['cat-file', '--batch-all-objects', '--batch-check=%(objectname)'], { stdin: [] }),
  );
  const { code, stdout, stderr } = await runGit(place, ['rev-list', '--objects', '--all'], { okCodes: [0, 128] });
  if (code !== 0) throw new MalformedError(what, `lacks something: ${describeStderr(stderr)}`);
  const reached = new Set<string>();
  for (const line of stdout.toString('latin1').split('\n')) if (line !== '') reached.add(line.split(' ', 1)[0] ?? '');
  return all - reached.size;
}

async function countLines(output: AsyncIterable<Buffer>): Promise<number> {
  let lines = 0;
  for await (const chunk of output) for (const byte of chunk) if (byte === 10) lines++;
  return lines;
}
