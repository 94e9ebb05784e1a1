import { isOid, type Oid } from '../core/oid.ts';
import type { Repository } from './open-repository.ts';
import { type GitConfig, readConfig } from './repository-config.ts';
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
 *
 * @param config - git's configuration, where it has been read already
 */
export async function headState(
  repository: Repository,
  config: () => Promise<GitConfig> = () => readConfig(repository),
): Promise<HeadState | null> {
  if (repository.topLevel === null) {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', 'HEAD^{commit}'];
    const { stdout } = await runGit(repository.place, args, { okCodes: [0, 1] });
    const commit = stdout.toString('latin1').trim();
    return isOid(commit, repository.format) ? { commit, dirty: false } : null;
  }
  const env = withoutFilters(repository, await config());
  const { stdout } = await runGit(repository.place, [...STATUS, '--ignore-submodules=dirty'], { env });
  const lines = stdout
    .toString('latin1')
    .split('\0')
    .filter((line) => line !== '');
  const commit = lines.find((line) => line.startsWith('# branch.oid '))?.slice('# branch.oid '.length) ?? '';
  if (!isOid(commit, repository.format)) return null;
  return { commit, dirty: lines.some((line) => !line.startsWith('# ')) };
}

/**
 * Variables that switch off every configured filter: they are programs that a repository's configuration can name, and
 * whoever takes a snapshot has not asked for them. A file that a filter stores in another form may then count as changed.
 */
function withoutFilters({ place }: Repository, config: GitConfig): Record<string, string> {
  const keys = [...config.keys()].filter((key) => /^filter\..*\.(clean|process|required)$/s.test(key));
  const first = Number(place.env['GIT_CONFIG_COUNT'] ?? 0);
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(first + keys.length) };
  for (const [i, key] of keys.entries()) {
    env[`GIT_CONFIG_KEY_${first + i}`] = key;
    env[`GIT_CONFIG_VALUE_${first + i}`] = key.endsWith('.required') ? 'false' : '';
  }
  return env;
}
