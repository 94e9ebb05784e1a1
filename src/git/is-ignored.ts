import type { BytePath } from '../core/entry.ts';
import type { Repository } from './open-repository.ts';
import { runGit } from './run-git.ts';

/** Whether git leaves a path out of what it tracks, by its ignore files. @param path - relative to the top level */
export async function isIgnored({ place, topLevel }: Repository, path: BytePath): Promise<boolean> {
  if (topLevel === null) return false;
  const { code } = await runGit(place, ['check-ignore', '-q', '-z', '--stdin'], {
    stdin: Buffer.from(`${topLevel}/${path}\0`, 'latin1'),
    okCodes: [0, 1],
  });
  return code === 0;
}
