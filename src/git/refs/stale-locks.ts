import { lstatSync, readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { RefUpdate } from '../../core/ports.ts';
import { quoteForShell } from '../../core/shell-words.ts';
import { fileError, isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import type { Repository } from '../open-repository.ts';
import { isThere, possibleHolders } from './living-gits.ts';
import { ENTERED_REFS, PREPARED_REFS } from './packed-entries.ts';
import type { RefIntent } from './ref-intent.ts';

/** How long a git that may hold the lock is waited for. */
const HOLDER_TIMEOUT_MS = 1_000;
const LOOK_EVERY_MS = 20;
/** No lock of a ref is longer. */
const MAX_LOCK_BYTES = 100;

/** A lock file that a git may have left which died. */
interface Suspect {
  /** Relative to the git directory. */
  readonly name: ByteString;
  /** Whether it may be what that git had written until then. */
  fits(text: string): boolean;
}

/** A lock file that is there. */
export interface StaleLock {
  /** Relative to the git directory. */
  readonly name: ByteString;
  readonly file: ByteString;
  readonly identity: LockFile['identity'];
}

/**
 * The lock files that a git seems to have left which died in a transaction: one for each ref, with its new value, a part of that
 * or nothing; and those of the packed refs if it wrote these anew, with what was to be entered into them.
 *
 * What other processes of ours are at work on is not among them. A git that somebody started by hand notes nothing: so a lock
 * must be as young as the transaction, and no younger than the death of its git was seen. Time alone proves nothing: a git may
 * keep its locks as long as it likes.
 *
 * @param sinceMs - before the transaction began, by the clock of the file system
 * @param untilMs - after its git had died
 * @param others - what processes that are there have begun
 */
export function staleLocks(
  { commonDir }: Repository,
  { intent, sinceMs, untilMs, others }: StaleTransaction,
): StaleLock[] {
  const inUse = new Set(others.flatMap((other) => suspectsOf(other, commonDir).map(({ name }) => name)));
  return suspectsOf(intent, commonDir).flatMap(({ name, fits }) => {
    const file = `${commonDir}/${name}`;
    // What is behind a link is not for us to remove: git makes none there.
    const lock = inUse.has(name) || leadsThroughLink(commonDir, name) ? undefined : look(file);
    if (lock === undefined || !fits(lock.text)) return [];
    const { writtenMs, changedMs, identity } = lock;
    return writtenMs < sinceMs || changedMs > untilMs ? [] : [{ name, file, identity }];
  });
}

/**
 * Removes them, if nobody is there who could hold one.
 *
 * @throws {SnapshotError} of kind `conflict` for a lock that may be somebody's
 */
export async function removeStaleLocks({ commonDir }: Repository, locks: readonly StaleLock[]): Promise<void> {
  const [first] = locks;
  if (first === undefined) return;
  // Who holds one of them was there when we looked, and is among these until it lets go.
  const files = locks.map(({ file }) => file);
  if (!(await areFree(commonDir, files))) throw heldLock(first.file);
  for (const { file, identity } of locks) if (look(file)?.identity === identity) remove(file);
}

interface StaleTransaction {
  readonly intent: RefIntent;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly others: readonly RefIntent[];
}

async function areFree(commonDir: ByteString, files: readonly ByteString[]): Promise<boolean> {
  const holders = possibleHolders(commonDir, files);
  if (holders === undefined) return false;
  const deadline = performance.now() + HOLDER_TIMEOUT_MS;
  while ([...holders].some(isThere)) {
    if (performance.now() > deadline) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

/** A lock that a process may hold, as an error that says how to go on. */
export function heldLock(file: ByteString, cause?: unknown): SnapshotError {
  return new SnapshotError('conflict', `another process holds the lock '${displayBytes(file)}'`, {
    cause,
    hint: `Wait for it to end. Once no git is running here: rm ${quoteForShell(displayBytes(file))}`,
  });
}

function suspectsOf({ updates, packs, below }: RefIntent, commonDir: ByteString): Suspect[] {
  const others = [
    ...(packs ? ['packed-refs.lock', PREPARED_REFS, ENTERED_REFS] : []),
    ...(below === undefined ? [] : locksBelow(commonDir, below)),
  ];
  return [...updates.map(lockOf), ...others.map((name) => ({ name, fits: () => true }))];
}

function locksBelow(commonDir: ByteString, below: string): ByteString[] {
  try {
    const entries = readdirSync(fsPath(`${commonDir}/${below}`), { withFileTypes: true, encoding: 'latin1' });
    return entries.flatMap((entry) => {
      const name = `${below}${entry.name}`;
      if (entry.isDirectory()) return locksBelow(commonDir, `${name}/`);
      return entry.isFile() && name.endsWith('.lock') ? [name] : [];
    });
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw fileError(error, 'read', `${commonDir}/${below}`);
  }
}

/** Whether one of the directories that a file is in, below the git directory, is a link. */
function leadsThroughLink(commonDir: ByteString, name: ByteString): boolean {
  const parents = name.split('/').slice(0, -1);
  return parents.some((_, i) => isLink(`${commonDir}/${parents.slice(0, i + 1).join('/')}`));
}

function isLink(path: ByteString): boolean {
  try {
    return lstatSync(fsPath(path)).isSymbolicLink();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false;
    throw fileError(error, 'read', path);
  }
}

function lockOf({ name, from, to }: RefUpdate): Suspect {
  const whole = to === null || from === to ? '' : `${to}\n`;
  return { name: `${name}.lock`, fits: (text) => whole.startsWith(text) };
}

interface LockFile {
  readonly text: string;
  readonly writtenMs: number;
  /** As the system alone sets it. */
  readonly changedMs: number;
  /** The same as long as nobody wrote to it or made it anew. */
  readonly identity: string;
}

function look(file: ByteString): LockFile | undefined {
  try {
    const { mtimeMs, ctimeMs, ino, size } = statSync(fsPath(file));
    const text = size > MAX_LOCK_BYTES ? 'too long' : readFileSync(fsPath(file), 'latin1');
    return { text, writtenMs: mtimeMs, changedMs: ctimeMs, identity: `${ino} ${ctimeMs} ${size}` };
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw fileError(error, 'read', file);
  }
}

function remove(file: ByteString): void {
  try {
    unlinkSync(fsPath(file));
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw fileError(error, 'remove', file);
  }
}
