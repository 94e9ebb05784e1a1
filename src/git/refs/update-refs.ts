import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteString } from '../../core/byte-string.ts';
import { RefConflictError, SnapshotError } from '../../core/errors.ts';
import type { RefUpdate } from '../../core/ports.ts';
import type { Processes } from '../../core/processes.ts';
import { fsPath } from '../files/fs-path.ts';
import { syncDirectory } from '../files/sync-directory.ts';
import type { Repository } from '../open-repository.ts';
import { GitDiedError, type GitOutput, gitFailure, runGit } from '../run-git.ts';
import { enterPrepared, mayEnterPacked, planEntering } from './enter-packed.ts';
import { readRefs } from './list-refs.ts';
import { packManyRefs } from './pack-refs.ts';
import type { PackedEntry } from './packed-entries.ts';
import { isForManyFiles, runPrepared, SAYS_PREPARED } from './prepared-transaction.ts';
import { forgetIntent, newIntentFile, noteIntent, processesWith, readIntents } from './ref-intent.ts';
import { settle } from './settle-intents.ts';
import { heldLock } from './stale-locks.ts';
import { updateCommands } from './update-commands.ts';

/** How ref updates are made durable, and how long a lock of another process is waited for. */
export interface UpdateRefsOptions {
  /** `core.fsync` for git; null leaves it to the user's configuration. */
  readonly coreFsync: string | null;
  readonly fsync: boolean;
  readonly lockTimeoutMs: number;
  readonly processes: Processes;
}

const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 250;

/**
 * Applies all updates in one transaction, or none. Should this process or its git die in the middle, the next one that looks at
 * refs ends it: see {@link settleIntents}.
 *
 * @throws {RefConflictError} if a ref is not at its `from`
 * @throws {SnapshotError} of kind `conflict` if another process holds a lock to the end, `git` for anything else
 */
export async function updateRefs(
  repository: Repository,
  { updates, reason }: { updates: readonly RefUpdate[]; reason: string },
  options: UpdateRefsOptions,
): Promise<void> {
  if (updates.length === 0) return;
  const file = newIntentFile(repository);
  try {
    await runTransaction(repository, { updates, reason, file }, options);
    // Git does not mind if it cannot remove a lock in the end. That of the packed refs may be another's.
    const locked = ['packed-refs', ...refNames(updates)].slice(isPacking(updates) ? 0 : 1);
    if (existingLock(repository, locked) === undefined) forgetIntent(file);
    else await settleOwn(repository, { file, locks: 'all' }, options);
  } catch (error) {
    if (error instanceof CommitError) {
      if (!(await settleOwn(repository, { file, locks: 'none', isBegun: true }, options))) throw error.cause;
    } else if (error instanceof GitDiedError) {
      if (!(await settleOwn(repository, { file, locks: 'all' }, options))) throw error;
    } else {
      if (error instanceof SnapshotError) forgetRefused(file);
      throw error;
    }
  }
  if (options.fsync) syncRefDirectories(repository, updates);
  await packManyRefs(repository, updates, { ...options, config: configOf(options) });
}

interface Transaction {
  readonly updates: readonly RefUpdate[];
  readonly reason: string;
  /** Where the intent is noted. */
  readonly file: ByteString;
}

async function runTransaction(
  repository: Repository,
  { updates, reason, file }: Transaction,
  options: UpdateRefsOptions,
): Promise<void> {
  const args = ['update-ref', '--no-deref', '-m', reason, '--stdin', '-z'];
  const config = configOf(options);
  const packs = isPacking(updates);
  const onStart = (pid: number) => {
    const processes = processesWith(pid, options.processes);
    noteIntent(file, { processes, updates: inOrder(updates, entering), packs }, options);
  };
  const byFiles = isByFiles(repository, updates, options);
  let entering =
    byFiles && packs && (await mayEnterPacked(repository, updates)) ? planEntering(repository, updates) : [];
  const deadline = performance.now() + options.lockTimeoutMs;

  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    const prepare = preparation(repository, without(updates, entering));
    const beforeCommit = () => entering.length === 0 || enterPrepared(repository, entering);
    const output = byFiles
      ? await runPrepared(repository, { args, config, prepare, commit: COMMIT, updates, beforeCommit, onStart })
      : await runGit(repository.place, args, {
          stdin: Buffer.concat([prepare, COMMIT]),
          config,
          hooks: true,
          okCodes: [0, 1, 128],
          onStart,
        });
    if (output === undefined) {
      // Git makes them, then, each a file of its own.
      entering = [];
      continue;
    }
    if (output.code === 0) return;
    if (output.stdout.includes(SAYS_PREPARED)) throw new CommitError(refusal({ args, output, lock: undefined }));
    await throwIfMoved(repository, updates);
    const lock = lockInTheWay(repository, updates);
    // The lock may be gone by now. Git's words decide no more than whether to try again.
    const locked = lock !== undefined || output.stderr.includes(".lock'");
    if (!locked || performance.now() > deadline) throw refusal({ args, output, lock: locked ? lock : undefined });
    // Of many processes that wait, some should wake first.
    await sleep(waitMs * (0.5 + Math.random()));
  }
}

/** Git has failed after it said that it was prepared, and so may have moved some of the refs. */
class CommitError extends Error {
  override readonly cause: SnapshotError;

  constructor(cause: SnapshotError) {
    super(cause.message);
    this.cause = cause;
  }
}

/** Git writes the packed refs anew, or at least locks them, where it deletes any ref. */
function isPacking(updates: readonly RefUpdate[]): boolean {
  return updates.some(({ to }) => to === null);
}

function without(updates: readonly RefUpdate[], entering: readonly PackedEntry[]): readonly RefUpdate[] {
  const names = new Set(entering.map(({ name }) => name));
  return updates.filter(({ name }) => !names.has(name));
}

/** As they are moved: what is entered comes with the new file of packed refs, after what git gives values to. */
function inOrder(updates: readonly RefUpdate[], entering: readonly PackedEntry[]): readonly RefUpdate[] {
  const given = new Set(without(updates, entering));
  return [...given, ...updates.filter((update) => !given.has(update))];
}

/** Where the user says what git is to make durable, git does it. */
function isByFiles(
  repository: Repository,
  updates: readonly RefUpdate[],
  { fsync, coreFsync }: Pick<UpdateRefsOptions, 'fsync' | 'coreFsync'>,
): boolean {
  return fsync && coreFsync !== null && isForManyFiles(repository, updates);
}

function configOf({ coreFsync }: UpdateRefsOptions): string[] {
  return coreFsync === null ? [] : [`core.fsync=${coreFsync}`];
}

/** Git moved nothing, whatever somebody else may have done of it. */
function forgetRefused(file: ByteString): void {
  try {
    forgetIntent(file);
  } catch (error) {
    // What was refused is what to tell of.
    if (!(error instanceof SnapshotError)) throw error;
  }
}

/** Whether everything was moved in the end: a git may die, or meet an error of the disk, when it has moved some refs. */
async function settleOwn(
  repository: Repository,
  { file, locks, isBegun }: { file: ByteString; locks: 'all' | 'none'; isBegun?: boolean },
  { processes }: UpdateRefsOptions,
): Promise<boolean> {
  const noted = readIntents(repository).find((one) => one.file === file);
  // No git was told anything.
  if (noted === undefined) return false;
  try {
    const own = { ...noted, intent: { ...noted.intent, isBegun } };
    const locksUntilMs = locks === 'none' ? undefined : Date.now();
    const isDone = await settle(repository, own, { processes, locksUntilMs });
    forgetIntent(file);
    return isDone;
  } catch (error) {
    // The intent stays: whoever comes next ends it.
    if (!(error instanceof SnapshotError)) throw error;
    return false;
  }
}

const COMMIT = Buffer.from('commit\0');

/** In latin1, as all that is sent to git. */
function preparation(repository: Repository, updates: readonly RefUpdate[]): Buffer {
  return Buffer.from(`start\0${updateCommands(repository, updates)}prepare\0`, 'latin1');
}

async function throwIfMoved(repository: Repository, updates: readonly RefUpdate[]): Promise<void> {
  const current = await readRefs(repository, refNames(updates));
  const moved = updates.filter(({ name, from }) => (current.get(name) ?? null) !== from);
  if (moved.length > 0) throw new RefConflictError(moved.map(({ name }) => name));
}

function lockInTheWay(repository: Repository, updates: readonly RefUpdate[]): string | undefined {
  return existingLock(repository, ['packed-refs', 'reftable/tables.list', ...refNames(updates)]);
}

function existingLock({ commonDir }: Repository, names: readonly string[]): string | undefined {
  return names.map((name) => `${commonDir}/${name}.lock`).find((file) => existsSync(fsPath(file)));
}

function refNames(updates: readonly RefUpdate[]): string[] {
  return updates.map(({ name }) => name);
}

function refusal(failed: { args: string[]; output: GitOutput; lock: string | undefined }): SnapshotError {
  const { args, output, lock } = failed;
  if (lock === undefined) return gitFailure(args, output.code, output.stderr);
  return heldLock(lock, gitFailure(args, output.code, output.stderr));
}

// Git syncs the ref's file, but not the directory that the file was renamed into.
function syncRefDirectories(repository: Repository, updates: readonly RefUpdate[]): void {
  const directories = new Set([repository.commonDir]);
  for (const { name } of updates) {
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      directories.add(`${repository.commonDir}/${name.slice(0, end)}`);
    }
  }
  for (const directory of directories) syncDirectory(directory, { mayBeGone: true });
}
