import { lstatSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { isOid, type Oid } from '../../core/oid.ts';
import type { Ref } from '../../core/ports.ts';
import { isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import type { Repository } from '../open-repository.ts';
import { runGitSync } from '../run-git.ts';
import { readRefDirectory } from './read-ref-files.ts';

/** Has git list refs, as {@link listRefs} says, with those that git passes over. */
export function askForRefs(repository: Repository, prefix: string): Ref[] {
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

/** The name that no object has. */
export function nullOid(repository: Repository): Oid {
  return '0'.repeat(repository.format.hexLength) as Oid;
}

function looseRefs(repository: Repository, prefix: string): ByteString[] {
  if (!prefix.endsWith('/')) return [prefix];
  const found: ByteString[] = [];
  const directories = [prefix];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    for (const entry of readRefDirectory(`${repository.commonDir}/${directory}`)) {
      const name = `${directory}${entry.name}`;
      if (entry.isDirectory()) directories.push(`${name}/`);
      // A lock is a ref being written, not a ref.
      else if (!name.endsWith('.lock')) found.push(name);
    }
  }
  return found;
}

function isFile(path: ByteString): boolean {
  try {
    return !lstatSync(fsPath(path)).isDirectory();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
