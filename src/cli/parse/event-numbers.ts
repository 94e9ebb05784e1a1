import { quoteText } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';

/** Numbers of events as they are typed. @throws {SnapshotError} of kind `usage` */
export function parseEventNumbers(words: readonly string[]): number[] {
  return words.map((word) => {
    if (/^[1-9][0-9]{0,8}$/.test(word)) return Number(word);
    throw new SnapshotError('usage', `${quoteText(word)} is not the number of an event`, {
      hint: 'See "git snapshot log".',
    });
  });
}
