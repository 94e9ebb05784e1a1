import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { lstatIfThere } from '../file-stat.ts';
import { nativePath } from '../native-path.ts';
import { othersAtWork } from './at-work.ts';
import { fileKey, writersOf } from './writers-of.ts';

/**
 * Who may have written to files of a directory: the programs that have one of them open to write to it; where none has, since
 * it was opened but for a moment, those at work in the directory.
 *
 * @param directory - absolute
 * @returns each as `name (process id)`
 */
export function programsAt(directory: ByteString, paths: readonly BytePath[]): ByteString[] {
  const stats = paths.flatMap((path) => lstatIfThere(nativePath(`${directory}/${path}`)) ?? []);
  const writers = new Set([...writersOf(new Set(stats.map(fileKey))).values()].flat());
  return writers.size > 0 ? [...writers] : othersAtWork(directory);
}
