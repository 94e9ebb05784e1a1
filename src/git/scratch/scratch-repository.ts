import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import type { Oid } from '../../core/oid.ts';
import { fileError } from '../files/file-error.ts';
import { fsPath, textPath } from '../files/fs-path.ts';
import { gitEnvironment } from '../git-place.ts';
import { openRepository, type Repository } from '../open-repository.ts';
import { readConfig } from '../repository-config.ts';
import { runGitSync } from '../run-git.ts';
import { ownEnvironment } from './own-environment.ts';

/** What a scratch repository is made of. */
export interface ScratchRepositoryOptions {
  /** Absolute path of an empty directory, which is to hold it all. */
  readonly directory: ByteString;
  /** The repository whose objects it has, too. Nothing of that is written. */
  readonly over: Repository;
  /** The refs that it begins with, by name. */
  readonly refs: ReadonlyMap<string, Oid>;
  readonly env: NodeJS.ProcessEnv;
}

/** Who acts, with which key, and how durably: what a rollback there must have in common with one here. */
const KEPT_SETTING =
  /^(?:user\.(?:name|email|signingkey|useconfigonly)|(?:author|committer)\.(?:name|email)|gpg\.format|core\.(?:fsync|fsyncmethod|compression|loosecompression|sharedrepository)|pack\.compression)$/;

/**
 * Makes a repository with refs, a working tree and objects of its own, that has all objects of another one as well.
 * Whatever is done in it leaves no trace outside of its directory.
 */
export async function scratchRepository(options: ScratchRepositoryOptions): Promise<Repository> {
  const { directory, over } = options;
  const env = ownEnvironment(options.env);
  const gitDir = `${directory}/repository.git`;
  const tree = `${directory}/tree`;
  const args = ['init', '--quiet', '--bare', '--template=', `--object-format=${over.format.name}`, textPath(gitDir)];
  runGitSync({ cwd: textPath(directory), env: gitEnvironment(env) }, args);
  try {
    mkdirSync(fsPath(tree));
    mkdirSync(fsPath(`${gitDir}/objects/info`), { recursive: true });
    writeFileSync(fsPath(`${gitDir}/objects/info/alternates`), `${over.objectDirectory}\n`, 'latin1');
    writeFileSync(fsPath(`${gitDir}/packed-refs`), packedRefs(options.refs), 'latin1');
    appendFileSync(fsPath(`${gitDir}/config`), await settingsOf(over));
  } catch (error) {
    throw fileError(error, 'write', directory);
  }
  const place = { ...env, GIT_DIR: textPath(gitDir), GIT_WORK_TREE: textPath(tree) };
  const made = await openRepository({ cwd: textPath(tree), env: { ...place, ...alternatesOf(options.env) } });
  return { ...made, borrowed: [over.objectDirectory] };
}

/** A repository that was opened with more objects than its own has them here, too. */
function alternatesOf({ GIT_ALTERNATE_OBJECT_DIRECTORIES: more }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return more === undefined ? {} : { GIT_ALTERNATE_OBJECT_DIRECTORIES: more };
}

/** As `git pack-refs` writes them, but that what tags name has to be looked up. */
function packedRefs(refs: ReadonlyMap<string, Oid>): ByteString {
  const names = [...refs.keys()].sort();
  return `# pack-refs with: sorted \n${names.map((name) => `${refs.get(name)} ${name}\n`).join('')}`;
}

async function settingsOf(over: Repository): Promise<string> {
  // No hooks: what guards the refs of the other repository, or tells others of them, is not concerned here.
  const lines = ['[core]', '\tbare = false', '\thooksPath = /dev/null', '[gc]', '\tauto = 0'];
  for (const [key, values] of await readConfig(over)) {
    const value = values.at(-1);
    if (value === undefined || !KEPT_SETTING.test(key)) continue;
    const [section, name] = key.split('.');
    lines.push(`[${section}]`, `\t${name} = "${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`);
  }
  return `${lines.join('\n')}\n`;
}
