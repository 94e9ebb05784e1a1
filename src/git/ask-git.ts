import { escapeText } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import { type ObjectFormat, SHA1, SHA256 } from '../core/oid.ts';
import type { GitPlace } from './git-place.ts';
import type { FoundRepository } from './open-repository.ts';
import { describeStderr, gitFailure, runGitSync } from './run-git.ts';

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
 * Has git find the repository of a directory.
 *
 * @throws {SnapshotError} `not-found` outside of a repository, `config` for one that git does not trust
 */
export function askGit(place: GitPlace): FoundRepository {
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
  return {
    gitDir,
    commonDir,
    objectDirectory,
    topLevel: bare ? null : (topLevel ?? null),
    format: objectFormat(format),
    isShallow: shallow === 'true',
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
