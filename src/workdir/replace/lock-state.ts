import type { ByteString } from '../../core/byte-string.ts';
import type { LockState } from '../../core/doctor/port.ts';
import { SnapshotError } from '../../core/errors.ts';
import { holderOf, readClaim } from './lock.ts';
import { isGone } from './process-identity.ts';

/** How the lock file of a set stands. Only looks. @param gitDir - absolute */
export function lockState(gitDir: ByteString, set: string): LockState {
  const file = `${gitDir}/snapshot/${set}.lock`;
  try {
    const claim = readClaim(file);
    if (claim === undefined) return { state: 'free', file };
    return isGone(claim) ? { state: 'stale', file } : { state: 'held', file, holder: holderOf(claim, file) };
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return { state: 'unreadable', file };
  }
}
