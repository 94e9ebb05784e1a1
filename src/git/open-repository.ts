import { resolve } from 'node:path';
import { type ByteString, utf8Encode } from '../core/byte-string.ts';
import { type ObjectFormat, SHA1 } from '../core/oid.ts';
import { textPath } from './files/fs-path.ts';
import { type GitPlace, gitEnvironment } from './git-place.ts';
import { requireOwnDirectories } from './own-directories.ts';
import { findPlainRepository } from './plain-repository.ts';

/** A git repository that was found, and how to run git in it. Paths are absolute. */
export interface Repository {
  /** This working tree's git directory. */
  readonly gitDir: ByteString;
  /** The git directory that linked working trees share: refs and objects are there. */
  readonly commonDir: ByteString;
  readonly objectDirectory: ByteString;
  /** Object directories of other repositories whose packs are read as if they were its own. Git knows them as alternates. */
  readonly borrowed?: readonly ByteString[];
  /** Top of the working tree; null in a bare repository. */
  readonly topLevel: ByteString | null;
  readonly format: ObjectFormat;
  /** Whether history is cut off. */
  readonly isShallow: boolean;
  /** Where and with what environment git runs, so that it finds this very repository. */
  readonly place: GitPlace;
}

/** A repository, before it is known how to run git in it. */
export type FoundRepository = Omit<Repository, 'place'>;

/**
 * Finds the repository of a directory as git does: GIT_DIR, linked working trees, submodules, bare ones.
 *
 * @throws {SnapshotError} `not-found` outside of a repository, `config` for one that git does not trust, `untrusted` where what is
 * ours in it leads elsewhere
 */
export async function openRepository({ cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }): Promise<Repository> {
  const place = { cwd: resolve(cwd), env: gitEnvironment(env) };
  const plain = findPlainRepository({ cwd: place.cwd, env });
  const found =
    plain === undefined ? (await import('./ask-git.ts')).askGit(place) : describePlain(utf8Encode(plain.topLevel));
  const repository = { ...found, place: placeOf(found, place) };
  for (const gitDir of new Set([repository.gitDir, repository.commonDir])) requireOwnDirectories(gitDir);
  return repository;
}

function describePlain(topLevel: ByteString): FoundRepository {
  const gitDir = `${topLevel}/.git`;
  const objectDirectory = `${gitDir}/objects`;
  return { gitDir, commonDir: gitDir, objectDirectory, topLevel, format: SHA1, isShallow: false };
}

/** Where git runs from now on, so that it finds this very repository. */
function placeOf({ gitDir, objectDirectory, topLevel }: FoundRepository, { env }: GitPlace): GitPlace {
  return {
    // Not where the user stands: that directory may be one that a rollback takes away.
    cwd: textPath(topLevel ?? gitDir),
    env: {
      ...env,
      GIT_DIR: textPath(gitDir),
      ...(env['GIT_OBJECT_DIRECTORY'] ? { GIT_OBJECT_DIRECTORY: textPath(objectDirectory) } : {}),
      ...(topLevel === null ? {} : { GIT_WORK_TREE: textPath(topLevel) }),
    },
  };
}
