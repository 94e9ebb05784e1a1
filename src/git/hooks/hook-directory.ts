import type { ByteString } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { HookDirectory } from '../../core/share/hook-installation.ts';
import { textPath } from '../files/fs-path.ts';
import type { Repository } from '../open-repository.ts';
import { runGit } from '../run-git.ts';

/**
 * Asks git where it looks for hooks in this repository.
 *
 * @throws {SnapshotError} of kind `config` for a `core.hooksPath` that names no directory, or one whose path cannot be told
 */
export async function hookDirectory(repository: Repository): Promise<HookDirectory> {
  const { place } = repository;
  const setting = await readSetting(repository);
  // Git then looks for them at the top of the file system, and cannot say so.
  if (setting?.value === '') {
    throw new SnapshotError('config', `core.hooksPath is empty (${setting.scope} configuration): git finds no hooks`, {
      hint: 'Unset core.hooksPath, or see "Hooks" in docs/operations.md.',
    });
  }
  const args = ['rev-parse', '--path-format=absolute', '--git-path', 'hooks'];
  // With `hooks`, since our runner otherwise points git at another directory.
  const { stdout } = await runGit(place, args, { hooks: true });
  const path = stdout.toString('latin1').replace(/\n$/, '');
  if (path.includes('\n')) {
    throw new SnapshotError('config', 'the path of the hooks directory has a line feed in it', {
      hint: 'Set core.hooksPath to a directory with a plain name.',
    });
  }
  return { path, setting, kind: await kindOf(repository, path) };
}

async function readSetting({ place }: Repository): Promise<HookDirectory['setting']> {
  const args = ['config', '-z', '--show-scope', '--get', 'core.hooksPath'];
  const { code, stdout } = await runGit(place, args, { hooks: true, okCodes: [0, 1] });
  const [scope = '', value = ''] = stdout.toString('latin1').split('\0');
  return code === 0 ? { value, scope } : undefined;
}

async function kindOf(repository: Repository, path: ByteString): Promise<HookDirectory['kind']> {
  const { gitDir, commonDir, topLevel, place } = repository;
  if (isBelow(path, commonDir) || isBelow(path, gitDir)) return 'own';
  if (topLevel === null || !isBelow(path, topLevel)) return 'outside';
  const { stdout } = await runGit(place, ['ls-files', '-z', '--', textPath(path)], {
    env: { GIT_LITERAL_PATHSPECS: '1' },
  });
  return stdout.length > 0 ? 'versioned' : 'working-tree';
}

function isBelow(path: ByteString, directory: ByteString): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
