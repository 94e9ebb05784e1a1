import type { Repository } from './open-repository.ts';
import { runGit } from './run-git.ts';

/** Name of the remote that the branch which is checked out follows; undefined where there is none, or no branch. */
export async function followedRemote({ place }: Repository): Promise<string | undefined> {
  const head = await runGit(place, ['symbolic-ref', '--quiet', '--short', 'HEAD'], { okCodes: [0, 1] });
  const branch = textOf(head.stdout);
  if (branch === '') return undefined;
  const config = await runGit(place, ['config', '--get', `branch.${branch}.remote`], { okCodes: [0, 1] });
  const remote = textOf(config.stdout);
  // A dot is git's name for this repository.
  return remote === '' || remote === '.' ? undefined : remote;
}

function textOf(output: Buffer): string {
  return output.toString('utf8').replace(/\n$/, '');
}
