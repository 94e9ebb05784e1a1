import type { Oid } from '../../core/oid.ts';
import type { Ref } from '../../core/ports.ts';
import type { Repository } from '../open-repository.ts';
import { readRefFiles } from './read-ref-files.ts';

/**
 * Refs below `prefix` (which ends in `/`), or the one ref of that very name, sorted by name.
 *
 * Symbolic refs are resolved. What git passes over in silence or with a warning only (a ref file
 * with no object name in it, a symbolic ref to nothing, a name that git forbids) is listed with the
 * null object name: no object has it, so whoever follows the ref fails, and nobody takes it for absent.
 */
export async function listRefs(repository: Repository, prefix: string): Promise<Ref[]> {
  return readRefFiles(repository, prefix) ?? (await import('./ask-for-refs.ts')).askForRefs(repository, prefix);
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
