import { fromByteArray, quoteText } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import { isOid, type ObjectFormat, type Oid, SHA1 } from '../core/oid.ts';
import { FileReader, type PortableFileSystem, shownPath } from './file-system.ts';
import { type GitConfig, isOn, parseGitConfig } from './git-config.ts';

/** Where the repository is: its working directory, or its git directory. */
export type RepositoryPlace = { readonly dir: string } | { readonly gitdir: string };

/** A plain repository: everything is in one git directory, and objects are named by SHA-1. */
export interface PlainRepository {
  readonly files: FileReader;
  readonly gitDir: string;
  readonly format: ObjectFormat;
  /** The commits at which a shallow clone cuts the history off. */
  readonly shallow: ReadonlySet<Oid>;
}

/** Extensions that change nothing about where objects and refs are, in their values that do not. */
const HARMLESS: Readonly<Record<string, RegExp>> = {
  noop: /^/,
  'noop-v1': /^/,
  preciousobjects: /^/,
  relativeworktrees: /^/,
  worktreeconfig: /^/,
  objectformat: /^sha1$/i,
  refstorage: /^files$/i,
};

/**
 * Opens a repository without git. What this program cannot read by itself is refused here, by its name: it must not look as
 * if objects or refs were missing.
 *
 * @throws {SnapshotError} of kind `not-found` where there is no repository, `config` for one of a sort that only git reads
 */
export async function openPlainRepository(fs: PortableFileSystem, place: RepositoryPlace): Promise<PlainRepository> {
  const files = new FileReader(fs);
  const gitDir = await findGitDirectory(files, place);
  if ((await files.read(`${gitDir}/commondir`)) !== undefined) throw linked(gitDir);
  const text = await files.read(`${gitDir}/config`);
  const what = `'${shownPath(`${gitDir}/config`)}'`;
  checkConfig(parseGitConfig(text === undefined ? '' : fromByteArray(text), what));
  await checkStorage(files, gitDir);
  return { files, gitDir, format: SHA1, shallow: await readShallow(files, gitDir) };
}

async function findGitDirectory(files: FileReader, place: RepositoryPlace): Promise<string> {
  const given = 'gitdir' in place ? place.gitdir : place.dir;
  const path = given.length > 1 ? given.replace(/\/+$/, '') : given;
  const gitDir = 'gitdir' in place ? path : `${path}/.git`;
  if (await isGitDirectory(files, gitDir)) return gitDir;
  if ('dir' in place && (await isGitDirectory(files, path))) return path;
  const kind = await files.kind(gitDir);
  if (kind !== undefined && !(await files.isDirectory(gitDir))) throw linked(gitDir);
  throw new SnapshotError('not-found', `not a git repository: '${shownPath(given)}'`, {
    hint: "Give the repository's working directory as dir, or its git directory as gitdir.",
  });
}

async function isGitDirectory(files: FileReader, path: string): Promise<boolean> {
  if ((await files.kind(`${path}/HEAD`)) === undefined) return false;
  // A linked working tree's has neither objects nor refs of its own, but says where they are.
  if ((await files.kind(`${path}/commondir`)) !== undefined) return true;
  return (await files.isDirectory(`${path}/objects`)) && (await files.isDirectory(`${path}/refs`));
}

function checkConfig(config: GitConfig): void {
  const version = config.get('core.repositoryformatversion')?.at(-1) ?? '0';
  if (version !== '0' && version !== '1') throw unsupported(`the format version ${quoteText(version)}`);
  for (const [key, values] of config) {
    const [, extension] = /^extensions\.([^.]+)$/.exec(key) ?? [];
    if (extension === undefined) continue;
    const value = values.at(-1) ?? '';
    if (extension === 'objectformat' && /^sha256$/i.test(value)) throw unsupported('objects named by SHA-256');
    if (extension === 'refstorage' && /^reftable$/i.test(value)) throw unsupported('refs in a reftable');
    if (extension === 'partialclone') throw partial();
    if (HARMLESS[extension]?.test(value) !== true) throw unsupported(`the extension ${quoteText(extension)}`);
  }
  for (const [key, values] of config) {
    if (key.startsWith('remote.') && key.endsWith('.promisor') && isOn(values.at(-1) ?? '')) throw partial();
  }
}

async function checkStorage(files: FileReader, gitDir: string): Promise<void> {
  if ((await files.kind(`${gitDir}/reftable`)) !== undefined) throw unsupported('refs in a reftable');
  const alternates = await files.read(`${gitDir}/objects/info/alternates`);
  if (alternates?.some((byte) => byte > 0x20)) {
    throw unsupported(
      'alternates (objects that are in another repository)',
      'Run "git repack -a -d" and remove "objects/info/alternates"',
    );
  }
  const packs = await files.list(`${gitDir}/objects/pack`);
  if (packs.some((name) => name.endsWith('.promisor'))) throw partial();
}

async function readShallow(files: FileReader, gitDir: string): Promise<ReadonlySet<Oid>> {
  const text = await files.read(`${gitDir}/shallow`);
  const lines = text === undefined ? [] : fromByteArray(text).split('\n');
  return new Set(lines.filter((line): line is Oid => isOid(line, SHA1)));
}

function unsupported(what: string, instead?: string): SnapshotError {
  return new SnapshotError('config', `the repository has ${what}, which cannot be read without git`, {
    hint: `${instead ?? 'Make a plain clone'}, or verify where git is installed, with "git snapshot verify".`,
  });
}

function partial(): SnapshotError {
  return unsupported('a promisor remote (it is a partial clone)', 'Make a full clone');
}

function linked(path: string): SnapshotError {
  return new SnapshotError(
    'config',
    `'${shownPath(path)}' belongs to a linked working tree or a submodule, which cannot be read without git`,
    { hint: 'Give the git directory of the main repository as gitdir.' },
  );
}
