import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { ByteString } from '../core/byte-string.ts';
import type { BytePath } from '../core/entry.ts';
import type { IndexDifference, IndexScanner } from '../core/workdir.ts';
import { fileError, isSystemError } from './files/file-error.ts';
import { fsPath, textPath } from './files/fs-path.ts';
import type { Repository } from './open-repository.ts';
import { type GitOutput, runGit } from './run-git.ts';

/**
 * Scans by `git diff-files`, in a git directory of our own that holds nothing but settings: so neither the
 * repository's configuration and attributes, nor the user's, can change what counts as a difference, or run a filter.
 */
export function gitIndexScanner(repository: Repository): IndexScanner {
  return {
    // Not async: git is started before this returns.
    differences: (indexFile, root) => diffFiles(repository, indexFile, root).then(parseRaw),
  };
}

// Everything that git looks at when it compares an index entry with a file.
const SETTINGS: Readonly<Record<string, string>> = {
  bare: 'false',
  fileMode: 'true',
  symlinks: 'true',
  trustctime: 'true',
  checkStat: 'default',
  ignoreCase: 'false',
  precomposeUnicode: 'false',
  protectHFS: 'false',
  protectNTFS: 'false',
  autocrlf: 'false',
  fsmonitor: 'false',
  untrackedCache: 'false',
  splitIndex: 'false',
  sparseCheckout: 'false',
  preloadIndex: 'true',
};

// A configuration that others wrote must not come in by the environment, and nor may another repository.
const UNSET = [
  'GIT_CONFIG_PARAMETERS',
  'GIT_CONFIG_COUNT',
  'GIT_COMMON_DIR',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_INDEX_VERSION',
  'GIT_EXTERNAL_DIFF',
  'GIT_DIFF_OPTS',
  'GIT_ATTR_SOURCE',
];

function diffFiles(repository: Repository, indexFile: ByteString, root: ByteString): Promise<GitOutput> {
  const directory = settingsDirectory(repository);
  const env = {
    ...Object.fromEntries(UNSET.map((name) => [name, undefined])),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_DIR: textPath(directory),
    GIT_WORK_TREE: textPath(root),
    GIT_INDEX_FILE: textPath(indexFile),
  };
  const args = ['diff-files', '--raw', '-z', '--no-renames', '--ignore-submodules=all'];
  return runGit({ cwd: textPath(root), env: repository.place.env }, args, { env });
}

function settingsDirectory({ gitDir, format }: Repository): ByteString {
  const parent = `${gitDir}/snapshot`;
  const directory = `${parent}/scanner-1.git`;
  const files = settingsFiles(format);
  if (isAsMade(directory, files)) return directory;
  // Made by an older version, or meddled with: what it says would be obeyed.
  rmSync(fsPath(directory), { recursive: true, force: true });
  const unfinished = `${parent}/tmp_scanner_${randomBytes(6).toString('hex')}`;
  try {
    for (const name of DIRECTORIES) mkdirSync(fsPath(`${unfinished}/${name}`), { recursive: true });
    for (const [name, content] of files) writeFileSync(fsPath(`${unfinished}/${name}`), content);
    renameSync(fsPath(unfinished), fsPath(directory));
  } catch (error) {
    rmSync(fsPath(unfinished), { recursive: true, force: true });
    // Another process was faster.
    if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST')) throw fileError(error, 'write', directory);
  }
  return directory;
}

const DIRECTORIES = ['info', 'objects', 'refs'];

function settingsFiles({ name }: Repository['format']): Map<string, string> {
  const extension = name === 'sha1' ? '' : `[extensions]\n\tobjectFormat = ${name}\n`;
  const core = Object.entries(SETTINGS).map(([key, value]) => `\t${key} = ${value}\n`);
  return new Map([
    ['HEAD', 'ref: refs/heads/none\n'],
    ['config', `[core]\n\trepositoryFormatVersion = ${name === 'sha1' ? 0 : 1}\n${core.join('')}${extension}`],
    // These outweigh any .gitattributes in the directory that is scanned.
    ['info/attributes', '* -text !eol -ident !filter !working-tree-encoding\n'],
  ]);
}

/** Whether the directory holds these files, byte for byte, and nothing else. */
function isAsMade(directory: ByteString, files: ReadonlyMap<string, string>): boolean {
  try {
    // One by one: node lists no directory with all that is below it if its path, not being ASCII, comes in bytes.
    const names = ['', ...DIRECTORIES.map((name) => `${name}/`)].flatMap((at) =>
      readdirSync(fsPath(`${directory}/${at}`), 'latin1').map((name) => `${at}${name}`),
    );
    const expected = [...DIRECTORIES, ...files.keys()];
    if (names.length !== expected.length || !expected.every((name) => names.includes(name))) return false;
    return [...files].every(([name, content]) => readFileSync(fsPath(`${directory}/${name}`), 'latin1') === content);
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

function parseRaw({ stdout }: GitOutput): IndexDifference[] {
  const fields = stdout.toString('latin1').split('\0');
  const differences: IndexDifference[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const path: BytePath = fields[i + 1] ?? '';
    // ":<mode> <mode> <name> <name> <status>"; a mode of 160000 is a repository where a file was.
    const [, mode, , , status] = (fields[i] ?? '').split(' ');
    differences.push({ path, deleted: status === 'D' || mode === '160000' });
  }
  return differences;
}
