import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ByteString } from '../../core/byte-string.ts';
import type { RefUpdate } from '../../core/ports.ts';
import { fileError, isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import { MANY_FILES, syncFileSystem } from '../files/sync-file-system.ts';
import type { Repository } from '../open-repository.ts';
import { GitDiedError, type GitOutput, type RunOptions, spawnGit, startError } from '../run-git.ts';

/** How many files are synced at the same time, where it is done one by one. */
const AT_ONCE = 8;

/** What git says once all refs are locked, and found to be what they were to be. Until then it moves none. */
export const SAYS_PREPARED = 'prepare: ok\n';

/** A ref transaction as `git update-ref --stdin` takes it, in two parts. */
export interface PreparedTransaction {
  readonly args: readonly string[];
  readonly config: readonly string[];
  /** Up to and with `prepare`. */
  readonly prepare: Uint8Array;
  readonly commit: Uint8Array;
  readonly updates: readonly RefUpdate[];
  /** Called when git is prepared. Without its yes nothing is committed. */
  readonly beforeCommit: () => boolean;
  readonly onStart: NonNullable<RunOptions['onStart']>;
}

/** Whether {@link runPrepared} is for these. Other formats of refs than files are durable in one go as they are. */
export function isForManyFiles({ commonDir }: Repository, updates: readonly RefUpdate[]): boolean {
  return updates.length >= MANY_FILES && !existsSync(fsPath(`${commonDir}/reftable`));
}

/**
 * Runs a transaction of many refs, 10,000 of which git would sync one by one for a minute.
 *
 * It is as safe as git's own way: once git says that it is prepared, it has written every new value to a lock file and moved
 * none. These are made durable here, all at once, and only then git is told to rename them. Without that word it takes
 * everything back.
 *
 * @returns how git ended, whatever its exit code; undefined: `beforeCommit` said no, and nothing has changed
 * @throws {GitDiedError} for a git that a signal ended
 */
export function runPrepared(repository: Repository, transaction: PreparedTransaction): Promise<GitOutput | undefined> {
  const { args, prepare, commit, updates, beforeCommit, onStart } = transaction;
  // The last setting counts: nothing is synced by git.
  const options: RunOptions = { config: [...transaction.config, 'core.fsync=none'], hooks: true, onStart };
  return new Promise((resolve, reject) => {
    const child = spawnGit(repository.place, args, options);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let isPrepared = false;
    let failure: unknown;
    let isRefused = false;
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.push(chunk);
      if (isPrepared || !Buffer.concat(stdout).includes(SAYS_PREPARED)) return;
      isPrepared = true;
      const sync = async () => {
        if (beforeCommit()) await syncLockFiles(repository, updates);
        else isRefused = true;
      };
      sync()
        .then(
          () => (isRefused ? undefined : child.stdin.write(commit)),
          (error: unknown) => {
            failure = error;
          },
        )
        .finally(() => child.stdin.end());
    });
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => reject(startError(error, repository.place)));
    child.on('close', (code, signal) => {
      const output = { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
      if (failure !== undefined) reject(failure);
      else if (code === null) reject(new GitDiedError(args, signal ?? 'a signal', output.stderr));
      else resolve(isRefused ? undefined : { code, ...output });
    });
    child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
    });
    child.stdin.write(prepare);
  });
}

/** The whole file system at once where that can be waited for, which takes half a second; else one file after the other. */
async function syncLockFiles({ commonDir }: Repository, updates: readonly RefUpdate[]): Promise<void> {
  if (syncFileSystem(commonDir)) return;
  const written = updates.flatMap(({ name, to }) => (to === null ? [] : [`${commonDir}/${name}.lock`]));
  // Of packed refs that are deleted, git writes the others anew.
  const files = [...written, `${commonDir}/packed-refs.new`];
  const worker = async () => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) await syncFile(file);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** A value that does not change has no lock file with content, and may have none at all. */
async function syncFile(file: ByteString): Promise<void> {
  try {
    const handle = await open(fsPath(file), 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw fileError(error, 'write', file);
  }
}
