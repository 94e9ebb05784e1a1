import { escapeText } from '../../core/byte-string.ts';
import { type ErrorKind, SnapshotError } from '../../core/errors.ts';
import { systemReason } from '../../core/system-reason.ts';
import { isSystemError } from './disk.ts';

const HINTS = {
  conflict: 'The directory was not changed. Remove the cause, then run the command again.',
  unfinished: 'Remove the cause, then run "git rollback --continue" or "git rollback --abort".',
} as const satisfies Partial<Record<ErrorKind, string>>;

/**
 * Runs a part of a replacement, and makes the system calls that fail in it errors for people.
 *
 * @param kind - `conflict` while nothing has changed yet, `unfinished` once the journal is there
 */
export function explaining<T>(kind: keyof typeof HINTS, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw explained(kind, error);
  }
}

/** The error for people that a failed system call is. Anything else comes back as it is. */
export function explained(kind: keyof typeof HINTS, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const paths = [error.path, 'dest' in error ? error.dest : undefined].filter((path) => path !== undefined);
  const subject = paths.length === 0 ? '' : ` '${paths.map((path) => escapeText(String(path))).join("' to '")}'`;
  return new SnapshotError(kind, `cannot ${error.syscall ?? 'access'}${subject}: ${systemReason(error.code)}`, {
    cause: error,
    hint: HINTS[kind],
  });
}

/** Leaves clearing up to the next command where it fails now: the error that came first is the one to report. */
export function discardQuietly(discard: () => void): void {
  try {
    discard();
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
