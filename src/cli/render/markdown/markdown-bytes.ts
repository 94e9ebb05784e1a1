import { SnapshotError } from '../../../core/errors.ts';

/** GitHub takes 65536 characters. */
const DEFAULT_BYTES = 60_000;
const MIN_BYTES = 1000;

/** How long a page of Markdown may be. @throws {SnapshotError} of kind `usage` if that is too short to say anything */
export function markdownBytes(asked: number | undefined): number {
  const maxBytes = asked ?? DEFAULT_BYTES;
  if (maxBytes >= MIN_BYTES) return maxBytes;
  throw new SnapshotError('usage', `a page of ${maxBytes} bytes is too short`, {
    hint: `Give --max-bytes at least ${MIN_BYTES}.`,
  });
}
