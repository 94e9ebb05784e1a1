import { resolve } from 'node:path';
import { type ByteString, escapeText, utf8Encode } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import { type ObjectFormat, SHA1, SHA256 } from '../core/oid.ts';
import { textPath } from './files/fs-path.ts';
import { requireOwnDirectories } from './own-directories.ts';
import { findPlainRepository } from './plain-repository.ts';
import { describeStderr, type GitPlace, gitEnvironment, gitFailure, runGitSync } from './run-git.ts';

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

const QUESTIONS = [
  '--show-object-format',
  '--is-shallow-repository',
  '--path-format=absolute',
  '--git-dir',
  '--git-common-dir',
];
// Last, since in a bare repository it fails, after the other answers.
const LAST_QUESTIONS = ['--git-path', 'objects', '--show-toplevel'];

/**
 * Finds the repository of a directory as git does: GIT_DIR, linked working trees, submodules, bare ones.
 *
 * @throws {SnapshotError} `not-found` outside of a repository, `config` for one that git does not trust, `untrusted` where what is
 * ours in it leads elsewhere
 */
export async function openRepository({ cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }): Promise<Repository> {
  const place = { cwd: resolve(cwd), env: gitEnvironment(env) };
  const plain = findPlainRepository({ cwd: place.cwd, env });
  const repository = plain === undefined ? askGit(place) : describePlain(utf8Encode(plain.topLevel), place);
  for (const gitDir of new Set([repository.gitDir, repository.commonDir])) requireOwnDirectories(gitDir);
  return repository;
}

function describePlain(topLevel: ByteString, place: GitPlace): Repository {
  const gitDir = `${topLevel}/.git`;
  const found = {
    gitDir,
    commonDir: gitDir,
    objectDirectory: `${gitDir}/objects`,
    topLevel,
    format: SHA1,
    isShallow: false,
  };
  return { ...found, place: placeOf(found, place) };
}

function askGit(place: GitPlace): Repository {
  const args = ['rev-parse', ...QUESTIONS, ...LAST_QUESTIONS];
  const { code, stdout, stderr } = runGitSync(place, args, { okCodes: [0, 128] });

  const lines = stdout.toString('latin1').split('\n').slice(0, -1);
  const [format, shallow, gitDir, commonDir, objectDirectory, topLevel] = lines;
  const bare = code === 128 && lines.length === 5;
  if (gitDir === undefined || commonDir === undefined || objectDirectory === undefined || (code !== 0 && !bare)) {
    throw notOpened({ args, cwd: place.cwd, code, stderr });
  }
  if (lines.length > 6 || (!bare && topLevel === undefined)) {
    throw new SnapshotError('config', 'the path of the repository has a line feed in it', {
      hint: 'Move the repository to a directory with a plain name.',
    });
  }
  const found = {
    gitDir,
    commonDir,
    objectDirectory,
    topLevel: bare ? null : (topLevel ?? null),
    format: objectFormat(format),
    isShallow: shallow === 'true',
  };
  return { ...found, place: placeOf(found, place) };
}

/** Where git runs from now on, so that it finds this very repository. */
function placeOf(
  { gitDir, objectDirectory, topLevel }: Pick<Repository, 'gitDir' | 'objectDirectory' | 'topLevel'>,
  { env }: GitPlace,
): GitPlace {
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

function objectFormat(name: string | undefined): ObjectFormat {
  if (name === SHA1.name) return SHA1;
  if (name === SHA256.name) return SHA256;
  throw new SnapshotError('config', `unknown object format '${escapeText(name ?? '')}'`, {
    hint: 'Use a repository whose objects are named by SHA-1 or SHA-256.',
  });
}

function notOpened(failed: { args: string[]; cwd: string; code: number; stderr: Buffer }): SnapshotError {
  const said = describeStderr(failed.stderr);
  if (said.includes('not a git repository')) {
    return new SnapshotError('not-found', `not in a git repository: '${escapeText(failed.cwd)}'`, {
      hint: 'Change to a git repository, or make one with "git init".',
    });
  }
  if (said.includes('dubious ownership') || said.includes('unsafe repository')) {
    return new SnapshotError('config', `another user owns the repository, so git does not trust it: ${said}`, {
      hint: 'If you trust it, run "git config --global --add safe.directory <directory>".',
    });
  }
  return gitFailure(failed.args, failed.code, failed.stderr);
}
