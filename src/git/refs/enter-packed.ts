import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { RefUpdate } from '../../core/ports.ts';
import { isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import { MANY_FILES } from '../files/sync-file-system.ts';
import type { Repository } from '../open-repository.ts';
import { readConfig } from '../repository-config.ts';
import { runGit } from '../run-git.ts';
import {
  ENTERED_REFS,
  type PackedEntry,
  type PackedFile,
  PREPARED_REFS,
  parsePackedFile,
  printPackedFile,
} from './packed-entries.ts';

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
 * Those of the new refs that can be entered: there is no file of them, and their tags are packed under another name already,
 * for only of these it is known without reading them what they name.
 */
export function planEntering(repository: Repository, updates: readonly RefUpdate[]): readonly PackedEntry[] {
  const packed = readPackedFile(repository, 'packed-refs');
  if (packed === undefined) return [];
  const known = new Map(packed.entries.map((entry) => [entry.oid, entry]));
  const found = updates.filter(isNew).flatMap(({ name, to }) => {
    const entry = to === null ? undefined : known.get(to);
    return entry?.peeled === undefined ? [] : [{ ...entry, name }];
  });
  return withoutFiles(repository, found);
}

/**
 * Enters refs into the file that a git transaction is about to put in the place of packed refs. To be called when git has
 * said that it is prepared: it has written that file then, holds its lock, and renames it when it is told to commit. So the
 * refs come to be at the very moment when those that the transaction removes go, or not at all.
 *
 * @returns false where that cannot be done: nothing has changed then
 */
export function enterPrepared(repository: Repository, refs: readonly PackedEntry[]): boolean {
  const packed = readPackedFile(repository, PREPARED_REFS);
  if (packed === undefined || withoutFiles(repository, refs).length < refs.length) return false;
  const taken = namesAndDirectories(packed.entries);
  const isFree = ({ name }: PackedEntry) =>
    !taken.has(name) && !directoriesOf(name).some((one) => taken.get(one) === 'ref');
  if (!refs.every(isFree)) return false;
  return replacePrepared(repository, printPackedFile({ ...packed, entries: [...packed.entries, ...refs] }));
}

/** Undefined for what is not there, no plain file, or not as git writes it. */
function readPackedFile({ commonDir, format }: Repository, name: string): PackedFile | undefined {
  const path = fsPath(`${commonDir}/${name}`);
  return ifPossible(() =>
    lstatSync(path).isFile() ? parsePackedFile(readFileSync(path, 'latin1'), format) : undefined,
  );
}

function replacePrepared({ commonDir }: Repository, text: string): boolean {
  const path = fsPath(`${commonDir}/${PREPARED_REFS}`);
  const temporary = fsPath(`${commonDir}/${ENTERED_REFS}`);
  const isDone = ifPossible(() => {
    const { mode } = lstatSync(path);
    writeFileSync(temporary, text, { encoding: 'latin1', flag: 'wx' });
    chmodSync(temporary, mode);
    renameSync(temporary, path);
    return true;
  });
  if (!isDone) rmSync(temporary, { force: true });
  return isDone ?? false;
}

function ifPossible<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
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
function withoutFiles({ commonDir }: Repository, refs: readonly PackedEntry[]): PackedEntry[] {
  const names = remembering((directory: string) =>
    directoriesOf(`${directory}/`).some((one) => isNoDirectory(`${commonDir}/${one}`))
      ? undefined
      : namesIn(`${commonDir}/${directory}`),
  );
  return refs.filter(({ name }) => {
    const end = name.lastIndexOf('/');
    const there = names(name.slice(0, end));
    const own = name.slice(end + 1);
    return there !== undefined && !there.has(own) && !there.has(`${own}.lock`);
  });
}

/** Remembers what was asked for. */
function remembering<T>(ask: (of: string) => T): (of: string) => T {
  const known = new Map<string, { readonly answer: T }>();
  return (of) => {
    const found = known.get(of) ?? { answer: ask(of) };
    known.set(of, found);
    return found.answer;
  };
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
