import { accessSync, constants, lstatSync, readdirSync } from 'node:fs';
import type { RefUpdate } from '../../core/ports.ts';
import { isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import { MANY_FILES } from '../files/sync-file-system.ts';
import type { Repository } from '../open-repository.ts';
import { readConfig } from '../repository-config.ts';
import { runGit } from '../run-git.ts';
import { editPackedRefs } from './edit-packed.ts';
import type { PackedEntry } from './packed-entries.ts';

/**
 * Whether new refs may be entered into the file of packed refs without git: it would make a file of each, to be packed
 * afterwards, which takes longer than all the rest of a large prune. Not where the user wants no packing or a reflog of each
 * ref, nor where a hook is to see every change.
 */
export async function mayEnterPacked(repository: Repository, updates: readonly RefUpdate[]): Promise<boolean> {
  if (updates.filter(isNew).length < MANY_FILES) return false;
  const config = await readConfig(repository);
  const last = (key: string) => config.get(key)?.at(-1)?.toLowerCase() ?? '';
  if (/^(false|no|off|0)$/.test(last('gc.packrefs')) || last('core.logallrefupdates') === 'always') return false;
  return !(await hasHook(repository));
}

/**
 * Enters those of the new refs whose tags are packed under another name already: only of these it is known without reading
 * them what they name.
 *
 * @returns those that are there now
 */
export function enterPacked(
  repository: Repository,
  updates: readonly RefUpdate[],
  options: { fsync: boolean },
): readonly RefUpdate[] {
  const news = withoutFiles(repository, updates.filter(isNew));
  let entered: readonly RefUpdate[] = [];
  const isDone = editPackedRefs(
    repository,
    (entries) => {
      const known = new Map(entries.map((entry) => [entry.oid, entry]));
      const taken = namesAndDirectories(entries);
      const made = news.flatMap((update) => {
        const packed = update.to === null ? undefined : known.get(update.to);
        if (packed?.peeled === undefined || taken.has(update.name)) return [];
        if (directoriesOf(update.name).some((one) => taken.get(one) === 'ref')) return [];
        return [{ update, entry: { ...packed, name: update.name } }];
      });
      entered = made.map(({ update }) => update);
      return made.length === 0 ? undefined : [...entries, ...made.map(({ entry }) => entry)];
    },
    options,
  );
  return isDone ? entered : [];
}

/** Takes out again what was entered, as far as it is unchanged. */
export function withdrawPacked(
  repository: Repository,
  entered: readonly RefUpdate[],
  options: { fsync: boolean },
): void {
  const ours = new Map(entered.map(({ name, to }) => [name, to]));
  editPackedRefs(repository, (entries) => entries.filter(({ name, oid }) => ours.get(name) !== oid), options);
}

const isNew = ({ from, to }: RefUpdate) => from === null && to !== null;

async function hasHook({ place }: Repository): Promise<boolean> {
  const args = ['rev-parse', '--path-format=absolute', '--git-path', 'hooks/reference-transaction'];
  const { stdout } = await runGit(place, args, { hooks: true });
  try {
    accessSync(fsPath(stdout.toString('latin1').slice(0, -1)), constants.X_OK);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return false;
    throw error;
  }
}

/** All names, and the directories that they are in: a ref may not be in the place of one. */
function namesAndDirectories(entries: readonly PackedEntry[]): Map<string, 'ref' | 'directory'> {
  const found = new Map<string, 'ref' | 'directory'>();
  for (const { name } of entries) {
    found.set(name, 'ref');
    for (const directory of directoriesOf(name)) found.set(directory, 'directory');
  }
  return found;
}

/** `refs/a/b`: `refs/a`, `refs`. */
function directoriesOf(name: string): string[] {
  const found: string[] = [];
  for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) found.push(name.slice(0, end));
  return found;
}

/** Those that have no file, nor a lock, nor a file where their directory is to be. */
function withoutFiles({ commonDir }: Repository, updates: readonly RefUpdate[]): RefUpdate[] {
  const byDirectory = new Map<string, RefUpdate[]>();
  for (const update of updates) {
    const directory = update.name.slice(0, update.name.lastIndexOf('/'));
    const those = byDirectory.get(directory);
    if (those === undefined) byDirectory.set(directory, [update]);
    else those.push(update);
  }
  return [...byDirectory].flatMap(([directory, those]) => {
    const names = namesIn(`${commonDir}/${directory}`);
    if (names === undefined || directoriesOf(directory).some((one) => isNoDirectory(`${commonDir}/${one}`))) return [];
    const from = directory.length + 1;
    return those.filter(({ name }) => !names.has(name.slice(from)) && !names.has(`${name.slice(from)}.lock`));
  });
}

/** Undefined for what cannot be looked into. */
function namesIn(path: string): ReadonlySet<string> | undefined {
  try {
    return new Set(readdirSync(fsPath(path), { encoding: 'latin1' }));
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return new Set();
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

function isNoDirectory(path: string): boolean {
  try {
    return !lstatSync(fsPath(path)).isDirectory();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    if (isSystemError(error)) return true;
    throw error;
  }
}
