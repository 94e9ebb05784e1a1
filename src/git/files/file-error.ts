import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';

const REASONS: Record<string, { reason: string; hint: string }> = {
  ENOSPC: { reason: 'no space left on the device', hint: 'Free some disk space, then run the command again.' },
  EDQUOT: { reason: 'disk quota exceeded', hint: 'Free some disk space, then run the command again.' },
  EACCES: { reason: 'permission denied', hint: 'Check the permissions of the path and of the directories above it.' },
  EPERM: { reason: 'operation not permitted', hint: 'Check the owner and the permissions of the path.' },
  EROFS: { reason: 'read-only file system', hint: 'Make the file system writable, then run the command again.' },
  ENOENT: {
    reason: 'no such file or directory',
    hint: 'Check that nothing else changes the directory, then try again.',
  },
  EEXIST: { reason: 'already exists', hint: 'Check that nothing else changes the directory, then try again.' },
  ENOTDIR: { reason: 'not a directory', hint: 'Check that nothing else changes the directory, then try again.' },
  EFBIG: { reason: 'file too large', hint: 'Raise the limit on file sizes, or use another file system.' },
  EMFILE: { reason: 'too many open files', hint: 'Raise the limit with "ulimit -n".' },
  EIO: { reason: 'input/output error', hint: 'Check the disk: the file cannot be read or written.' },
  ENAMETOOLONG: { reason: 'name too long', hint: 'Use a shorter path.' },
};

/** Whether something thrown is a failed system call, of one of these codes if any are given. */
export function isSystemError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return false;
  return codes.length === 0 || codes.includes(String(error.code));
}

/**
 * A failed system call as an error for people. Anything else comes back as it is, since it is a bug.
 *
 * @param action - what was tried, as in "cannot `read`"
 */
export function fileError(error: unknown, action: string, path: ByteString): unknown {
  if (!isSystemError(error)) return error;
  const known = REASONS[error.code ?? ''];
  const reason = known?.reason ?? error.code ?? 'unknown error';
  const kind = error.code === 'ENOENT' || error.code === 'EEXIST' || error.code === 'ENOTDIR' ? 'conflict' : 'git';
  const hint = known?.hint;
  return new SnapshotError(kind, `cannot ${action} '${displayBytes(path)}': ${reason}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}
