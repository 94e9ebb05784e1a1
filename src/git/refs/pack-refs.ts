import { readdirSync } from 'node:fs';
import { SnapshotError } from '../../core/errors.ts';
import type { RefUpdate } from '../../core/ports.ts';
import type { Processes } from '../../core/processes.ts';
import { isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import type { Repository } from '../open-repository.ts';
import { runGit } from '../run-git.ts';
import { forgetIntent, newIntentFile, noteIntent, processesWith } from './ref-intent.ts';

/** Each file of a ref costs every listing some 40 µs; packing costs some 20 ms. */
const MANY_FILES = 100;

/** As those of ref updates. */
export interface PackRefsOptions {
  readonly config: readonly string[];
  readonly fsync: boolean;
  readonly processes: Processes;
}

/**
 * Packs refs once there are many files beside a ref that was just made: `git gc` does it too, but a repository that only
 * takes snapshots may never come to that. Where git is older than 2.45 it can only pack all refs, as `git gc` does.
 *
 * Others may read and write refs meanwhile: git's own locks see to that. What goes wrong leaves the refs as they are, which
 * is no error: the next command tries again. Nothing is done where the user told `git gc` not to (`gc.packRefs`).
 */
export async function packManyRefs(
  repository: Repository,
  updates: readonly RefUpdate[],
  options: PackRefsOptions,
): Promise<void> {
  const made = updates.filter(({ from, to }) => from === null && to !== null);
  const directories = new Set(made.map(({ name }) => name.slice(0, name.lastIndexOf('/'))));
  if (![...directories].some((directory) => countFiles(repository, directory) > MANY_FILES)) return;
  try {
    if (!(await mayPack(repository))) return;
    const ours = [...directories].map((directory) => `--include=${directory}/*`);
    // Whoever holds the lock now may be packing too.
    const config = ['core.packedRefsTimeout=0', ...options.config];
    const code = await packRefs(repository, ours, { ...options, config });
    if (code === USAGE) await packRefs(repository, ['--all'], { ...options, config });
  } catch (error) {
    // A git that was killed, for one: the next command removes the locks that it left.
    if (!(error instanceof SnapshotError)) throw error;
  }
}

/** @throws {SnapshotError} and leaves its intent, if git dies */
async function packRefs(repository: Repository, args: readonly string[], options: PackRefsOptions): Promise<number> {
  const { config, fsync, processes } = options;
  const file = newIntentFile(repository);
  const onStart = (pid: number) => {
    noteIntent(file, { processes: processesWith(pid, processes), updates: [], packs: true }, { fsync });
  };
  const { code } = await runGit(repository.place, ['pack-refs', ...args], { config, okCodes: ANY_CODE, onStart });
  forgetIntent(file);
  return code;
}

/** What git ends with for an option that it does not know. */
const USAGE = 129;
const ANY_CODE = [0, 1, 128, USAGE];

async function mayPack({ place }: Repository): Promise<boolean> {
  // 'notbare' is the third value that it can have. Unset, and for git, it is true.
  const { stdout } = await runGit(place, ['config', '--get', 'gc.packRefs'], { okCodes: [0, 1] });
  return !/^(false|no|off|0)$/i.test(stdout.toString('latin1').trim());
}

function countFiles({ commonDir }: Repository, directory: string): number {
  try {
    return readdirSync(fsPath(`${commonDir}/${directory}`)).length;
  } catch (error) {
    // Not there where refs are kept in another way.
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 0;
    throw error;
  }
}
