import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { systemReason } from '../../core/system-reason.ts';

const FREE_SPACE = 'Free some disk space, or inodes (see "df -i"), then run the command again.';
const LOOK_FOR_OTHERS = 'Check that nothing else changes the directory, then try again.';

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: FREE_SPACE,
  EDQUOT: FREE_SPACE,
  EACCES: 'Check the permissions of the path and of the directories above it.',
  EPERM: 'Check the owner and the permissions of the path.',
  EROFS: 'Make the file system writable, then run the command again.',
  ENOENT: LOOK_FOR_OTHERS,
  EEXIST: LOOK_FOR_OTHERS,
  ENOTDIR: LOOK_FOR_OTHERS,
  EFBIG: 'Raise the limit on file sizes, or use another file system.',
  EMFILE: 'Raise the limit with "ulimit -n".',
  EIO: 'Check the disk: the file cannot be read or written.',
  ENAMETOOLONG: 'Use a shorter path.',
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
  const kind = error.code === 'ENOENT' || error.code === 'EEXIST' || error.code === 'ENOTDIR' ? 'conflict' : 'git';
  const hint = HINTS[error.code ?? ''];
  return new SnapshotError(kind, `cannot ${action} '${displayBytes(path)}': ${systemReason(error.code)}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}
