import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import type { ByteString } from '../core/byte-string.ts';
import { fileError, isSystemError } from './files/file-error.ts';
import { fsPath } from './files/fs-path.ts';
import type { Repository } from './open-repository.ts';
import { requireOwnDirectories } from './own-directories.ts';

/** A working tree of a repository. Both are absolute. */
export interface WorkingTree {
  readonly gitDir: ByteString;
  /** Where it was when git saw it last; the directory may be gone. */
  readonly topLevel: ByteString;
}

/**
 * The working trees that share a repository with this one and in which a rollback was ever begun. Read as git keeps them,
 * without git.
 *
 * @throws {SnapshotError} of kind `untrusted` where what is ours in one leads elsewhere
 */
export function otherWorkingTrees({ gitDir, commonDir }: Pick<Repository, 'gitDir' | 'commonDir'>): WorkingTree[] {
  const linked = namesIn(`${commonDir}/worktrees`).flatMap((name): WorkingTree[] => {
    const own = `${commonDir}/worktrees/${name}`;
    // Absolute, or relative to where it stands.
    const dotGit = contentOf(`${own}/gitdir`)?.replace(/\n$/, '');
    return dotGit === undefined ? [] : [{ gitDir: own, topLevel: posix.dirname(posix.resolve(own, dotGit)) }];
  });
  const all = [{ gitDir: commonDir, topLevel: posix.dirname(commonDir) }, ...linked];
  const others = all.filter((tree) => tree.gitDir !== gitDir && namesIn(`${tree.gitDir}/snapshot/replace`).length > 0);
  for (const tree of others) requireOwnDirectories(tree.gitDir);
  return others;
}

function namesIn(directory: ByteString): ByteString[] {
  try {
    return readdirSync(fsPath(directory), { encoding: 'latin1' });
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw fileError(error, 'read', directory);
  }
}

function contentOf(file: ByteString): ByteString | undefined {
  try {
    return readFileSync(fsPath(file), 'latin1');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw fileError(error, 'read', file);
  }
}
