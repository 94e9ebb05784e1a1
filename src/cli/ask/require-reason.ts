import { SnapshotError } from '../../core/errors.ts';

/** The reason that was given. @throws {SnapshotError} of kind `usage` if none was: it is signed, and others judge by it */
export function requireReason(message: string | undefined): string {
  if (message !== undefined && message.trim() !== '') return message;
  throw new SnapshotError('usage', 'no reason given', {
    hint: 'Say why with -m WHY: it is signed, and others read it.',
  });
}
