import { lstatSync, readdirSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { isOid, type Oid } from '../../core/oid.ts';
import type { Ref } from '../../core/ports.ts';
import { isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import type { Repository } from '../open-repository.ts';
import { runGitSync } from '../run-git.ts';
import { readRefFiles } from './read-ref-files.ts';

/**
 * Refs below `prefix` (which ends in `/`), or the one ref of that very name, sorted by name.
 *
 * Symbolic refs are resolved. What git passes over in silence or with a warning only (a ref file
 * with no object name in it, a symbolic ref to nothing, a name that git forbids) is listed with the
 * null object name: no object has it, so whoever follows the ref fails, and nobody takes it for absent.
 */
export async function listRefs(repository: Repository, prefix: string): Promise<Ref[]> {
  return readRefFiles(repository, prefix) ?? askGit(repository, prefix);
}

function askGit(repository: Repository, prefix: string): Ref[] {
  // Files first: a ref that appears after this look is then in git's answer.
  const files = looseRefs(repository, prefix);
  const { stdout } = runGitSync(repository.place, ['for-each-ref', '--format=%(objectname) %(refname)', '--', prefix]);
  const refs = new Map<string, Ref>();
  for (const line of stdout.toString('latin1').split('\n')) {
    const oid = line.slice(0, repository.format.hexLength);
    const name = line.slice(repository.format.hexLength + 1);
    if (!isOid(oid, repository.format)) continue;
    if (name === prefix || (prefix.endsWith('/') && name.startsWith(prefix))) refs.set(name, { name, oid });
  }
  let broken = false;
  for (const name of files) {
    if (!refs.has(name) && isFile(`${repository.commonDir}/${name}`)) {
      refs.set(name, { name, oid: nullOid(repository) });
      broken = true;
    }
  }
  const found = [...refs.values()];
  // Git lists them in order.
  return broken ? found.sort((a, b) => (a.name < b.name ? -1 : 1)) : found;
}

/** What a ref names, or null if there is none. A broken ref gives the null object name, as in {@link listRefs}. */
export async function readRef(repository: Repository, name: string): Promise<Oid | null> {
  const [ref] = await listRefs(repository, name);
  return ref?.oid ?? null;
}

/** What each of many refs names; those that do not exist are not in the map. As {@link readRef}, but a look at each directory. */
export async function readRefs(repository: Repository, names: readonly string[]): Promise<ReadonlyMap<string, Oid>> {
  const directories = new Set(names.map((name) => name.slice(0, name.lastIndexOf('/') + 1)));
  const found = await Promise.all([...directories].map((directory) => listRefs(repository, directory)));
  return new Map(found.flat().map(({ name, oid }) => [name, oid]));
}

/** The name that no object has. */
export function nullOid(repository: Repository): Oid {
  return '0'.repeat(repository.format.hexLength) as Oid;
}

function looseRefs(repository: Repository, prefix: string): ByteString[] {
  if (!prefix.endsWith('/')) return [prefix];
  const found: ByteString[] = [];
  const directories = [prefix];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    for (const entry of readDirectory(`${repository.commonDir}/${directory}`)) {
      const name = `${directory}${entry.name.toString('latin1')}`;
      if (entry.isDirectory()) directories.push(`${name}/`);
      // A lock is a ref being written, not a ref.
      else if (!name.endsWith('.lock')) found.push(name);
    }
  }
  return found;
}

function readDirectory(path: ByteString) {
  try {
    return readdirSync(fsPath(path), { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

function isFile(path: ByteString): boolean {
  try {
    return !lstatSync(fsPath(path)).isDirectory();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
