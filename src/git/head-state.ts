import { isOid, type Oid } from '../core/oid.ts';
import type { Repository } from './open-repository.ts';
import { runGit } from './run-git.ts';

/** The commit that is checked out, and whether tracked files differ from it. */
export interface HeadState {
  readonly commit: Oid;
  readonly dirty: boolean;
}

const STATUS = [
  'status',
  '--porcelain=v2',
  '--branch',
  '-z',
  '--no-ahead-behind',
  '--no-renames',
  '--untracked-files=no',
];

/**
 * What HEAD is; null where there is no commit yet. Untracked files do not count, nor does what is inside a submodule.
 * A bare repository is never dirty.
 */
export async function headState(repository: Repository): Promise<HeadState | null> {
  if (repository.topLevel === null) {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', 'HEAD^{commit}'];
    const { stdout } = await runGit(repository.place, args, { okCodes: [0, 1] });
    const commit = stdout.toString('latin1').trim();
    return isOid(commit, repository.format) ? { commit, dirty: false } : null;
  }
  const { stdout } = await runGit(repository.place, [...STATUS, '--ignore-submodules=dirty']);
  const lines = stdout
    .toString('latin1')
    .split('\0')
    .filter((line) => line !== '');
  const commit = lines.find((line) => line.startsWith('# branch.oid '))?.slice('# branch.oid '.length) ?? '';
  if (!isOid(commit, repository.format)) return null;
  return { commit, dirty: lines.some((line) => !line.startsWith('# ')) };
}
