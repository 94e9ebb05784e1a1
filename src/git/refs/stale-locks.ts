import { readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteString } from '../../core/byte-string.ts';
import type { RefUpdate } from '../../core/ports.ts';
import { fileError, isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import type { Repository } from '../open-repository.ts';
import type { RefIntent } from './ref-intent.ts';

/** A lock that might be somebody else's, and stays for this long as it is, is not. */
const STILL_MS = 250;
/** No lock of a ref is longer. */
const MAX_LOCK_BYTES = 100;

/** A lock file that a git may have left which died. */
interface Suspect {
  /** Relative to the git directory. */
  readonly name: ByteString;
  /** Whether it may be what that git had written until then. */
  fits(text: string): boolean;
}

/**
 * Removes the lock files that a git left which died in a transaction: one for each ref, with its new value, a part of that or
 * nothing; and those of the packed refs if it wrote these anew.
 *
 * What other processes of ours are at work on stays. A git that somebody started by hand notes nothing: so a lock must be as
 * young as the transaction, and stay for longer than a git holds one.
 *
 * @param sinceMs - before the transaction began, by the clock of the file system
 * @param others - what processes that are there have begun
 */
export async function removeStaleLocks(
  { commonDir }: Repository,
  { intent, sinceMs, others }: { intent: RefIntent; sinceMs: number; others: readonly RefIntent[] },
): Promise<void> {
  const inUse = new Set(others.flatMap((other) => suspectsOf(other, commonDir).map(({ name }) => name)));
  const found = suspectsOf(intent, commonDir).flatMap(({ name, fits }) => {
    const file = `${commonDir}/${name}`;
    const lock = inUse.has(name) ? undefined : look(file);
    return lock === undefined || !fits(lock.text) || lock.writtenMs < sinceMs ? [] : [{ file, lock }];
  });
  if (found.length === 0) return;
  await sleep(STILL_MS);
  for (const { file, lock } of found) if (look(file)?.identity === lock.identity) remove(file);
}

function suspectsOf({ updates, packs, below }: RefIntent, commonDir: ByteString): Suspect[] {
  const others = [
    ...(packs ? ['packed-refs.lock', 'packed-refs.new'] : []),
    ...(below === undefined ? [] : locksBelow(commonDir, below)),
  ];
  return [...updates.map(lockOf), ...others.map((name) => ({ name, fits: () => true }))];
}

function locksBelow(commonDir: ByteString, below: string): ByteString[] {
  try {
    const names = readdirSync(fsPath(`${commonDir}/${below}`), { recursive: true, encoding: 'latin1' });
    return names.filter((name) => name.endsWith('.lock')).map((name) => `${below}${name}`);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw fileError(error, 'read', `${commonDir}/${below}`);
  }
}

function lockOf({ name, from, to }: RefUpdate): Suspect {
  const whole = to === null || from === to ? '' : `${to}\n`;
  return { name: `${name}.lock`, fits: (text) => whole.startsWith(text) };
}

interface LockFile {
  readonly text: string;
  readonly writtenMs: number;
  /** The same as long as nobody wrote to it or made it anew. */
  readonly identity: string;
}

function look(file: ByteString): LockFile | undefined {
  try {
    const { mtimeMs, ino, size } = statSync(fsPath(file));
    const text = size > MAX_LOCK_BYTES ? 'too long' : readFileSync(fsPath(file), 'latin1');
    return { text, writtenMs: mtimeMs, identity: `${ino} ${mtimeMs} ${size}` };
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
