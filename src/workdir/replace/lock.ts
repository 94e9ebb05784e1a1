import { randomBytes } from 'node:crypto';
import { linkSync } from 'node:fs';
import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { hintToWait, holderText, type LockHolder } from '../../core/rollback/lock-holder.ts';
import { at, dirOf, isSystemError, namesIn, readIfThere, removeIfThere, writeNewFile } from './disk.ts';
import { isGone, type ProcessIdentity, parseIdentity, thisProcess } from './process-identity.ts';

/** What a lock file says: who made it, and a number that no other lock file ever has. */
export interface Claim extends ProcessIdentity {
  readonly nonce: string;
}

const TRIES = 200;
const RETRY_AFTER_MS = 5;

/**
 * Takes the lock file `path`, or says who has it. A lock whose process is gone is taken over.
 *
 * @param set - for the message
 * @returns what gives it back; idempotent
 * @throws {SnapshotError} of kind `conflict`
 */
export function takeLock(path: ByteString, set: string): () => void {
  for (let tries = 0; tries < TRIES; tries++) {
    const mine = claim(path);
    if (mine !== undefined) {
      removeStrays(path);
      return () => {
        if (readClaim(path)?.nonce === mine.nonce) removeIfThere(path);
      };
    }
    const holder = readClaim(path);
    if (holder === undefined) continue;
    if (!isGone(holder)) throw heldError(holderOf(holder, path), set);
    const removed = inPlaceOf(path, holder, () => {
      if (readClaim(path)?.nonce === holder.nonce) removeIfThere(path);
    });
    if (!removed) sleep(RETRY_AFTER_MS);
  }
  throw new SnapshotError('conflict', `cannot lock set '${set}': other processes keep taking the lock`, {
    hint: 'Run the command again.',
  });
}

function heldError(holder: LockHolder, set: string): SnapshotError {
  return new SnapshotError('conflict', `another git-snapshot (${holderText(holder)}) is working on set '${set}'`, {
    hint: hintToWait(holder),
  });
}

/** Of a claim whose process is not gone for certain, what people are told. */
export function holderOf({ pid, host, start, namespace }: Claim, lockFile: ByteString): LockHolder {
  const self = thisProcess();
  const isHere = host === self.host;
  // Without its start, or from another container, the process with that number may be any.
  const isCertain = isHere && start !== '' && namespace === self.namespace;
  return { pid, host: isHere ? undefined : host, isCertain, lockFile };
}

/** Makes the file `path`, which must not exist, all at once: nobody can see half a claim. */
function claim(path: ByteString): Claim | undefined {
  const mine: Claim = { nonce: randomBytes(8).toString('hex'), ...thisProcess() };
  const temporary = `${path}.${mine.nonce}`;
  try {
    writeNewFile(temporary, JSON.stringify(mine), 0o644);
    linkSync(at(temporary), at(path));
    return mine;
  } catch (error) {
    // ENOENT: the holder took our temporary file for one that a dead process had left.
    if (isSystemError(error, 'EEXIST', 'ENOENT')) return undefined;
    if (!isSystemError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error;
    return claimWithoutLinks(path, mine);
  } finally {
    removeIfThere(temporary);
  }
}

function claimWithoutLinks(path: ByteString, mine: Claim): Claim | undefined {
  try {
    writeNewFile(path, JSON.stringify(mine), 0o644);
    return mine;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return undefined;
    throw error;
  }
}

/** What a lock file says; undefined where there is none. @throws {SnapshotError} of kind `conflict` if it cannot be read */
export function readClaim(path: ByteString): Claim | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const found = parseClaim(text);
  if (found !== undefined) return found;
  throw new SnapshotError('conflict', `cannot read the lock file '${displayBytes(path)}'`, {
    hint: 'If no git-snapshot is running, remove the file.',
  });
}

function parseClaim(text: string): Claim | undefined {
  const identity = parseIdentity(text);
  if (identity === undefined) return undefined;
  const { nonce } = JSON.parse(text) as Record<'nonce', unknown>;
  return typeof nonce === 'string' ? { nonce, ...identity } : undefined;
}

/**
 * Runs `act` in the place of a process that is gone, and in no two processes at once.
 *
 * Two that find the same dead lock must not both remove it: the slower would remove the lock that the faster has taken
 * since. So the right to remove a claim is a claim itself, on a name made from the dead one's nonce. Its holder may die
 * too; then its place is taken in the same way. Says whether `act` ran.
 */
function inPlaceOf(path: ByteString, dead: Claim, act: () => void): boolean {
  const right = `${path}.${dead.nonce}.break`;
  if (claim(right) !== undefined) {
    try {
      act();
    } finally {
      removeIfThere(right);
    }
    return true;
  }
  const other = readClaim(right);
  if (other === undefined || !isGone(other)) return false;
  return inPlaceOf(path, other, () => {
    act();
    if (readClaim(right)?.nonce === other.nonce) removeIfThere(right);
  });
}

/** Removes temporary files of processes that died while they wanted the lock which we now have. */
function removeStrays(path: ByteString): void {
  const dir = dirOf(path);
  const start = path.slice(dir.length + 1);
  for (const name of namesIn(dir)) {
    if (
      !name.startsWith(`${start}.`) ||
      !/^[0-9a-f]{16}(\.break(\.[0-9a-f]{16})?)?$/.test(name.slice(start.length + 1))
    )
      continue;
    const text = readIfThere(`${dir}/${name}`);
    const claimed = text === undefined ? undefined : parseClaim(text);
    // One that is not whole is either left over or just being written: its writer then tries again.
    if (claimed === undefined ? !name.endsWith('.break') : isGone(claimed)) removeIfThere(`${dir}/${name}`);
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
