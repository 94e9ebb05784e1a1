import type { ByteString } from '../../core/byte-string.ts';
import { programsAtWork } from '../programs/at-work.ts';
import { isSameInLive } from './written-since.ts';

/**
 * The programs that are at work in a release: see {@link programsAtWork}. A file that is in the live one, too, is not lost.
 *
 * @param directory - absolute path of the release
 * @param beside - the directory that is live
 */
export function programsIn(directory: ByteString, beside: ByteString): ByteString[] {
  return programsAtWork(directory, (path, stat) => isSameInLive(path, stat, beside));
}
