import type { ByteString } from '../../core/byte-string.ts';

/**
 * Steps whose new files share a directory of the staging area. All in one directory, the threads that write them would
 * wait for its lock: with 10,000 files that took half of their time.
 */
const STEPS_IN_ONE = 64;

/** Where the new file or directory of a step is staged. */
export function freshPath(staging: ByteString, step: number): ByteString {
  return `${freshDirectory(staging, step)}/${step}`;
}

/** The directory that {@link freshPath} is in. */
export function freshDirectory(staging: ByteString, step: number): ByteString {
  return `${staging}/new/${Math.floor(step / STEPS_IN_ONE)}`;
}
