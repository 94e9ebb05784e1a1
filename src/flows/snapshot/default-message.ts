import type { Message } from '../../core/snapshot/message.ts';
import type { Change } from '../results.ts';
import type { SetContent } from './read-set.ts';

/** What is said of a snapshot where nobody said anything: what changed, in numbers. */
export function defaultMessage(
  changes: readonly Change[],
  content: Pick<SetContent, 'files'>,
  first: boolean,
): Message {
  const plural = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  if (first) return { subject: `First snapshot: ${plural(content.files, 'file')}`, body: undefined };
  const count = (...statuses: Change['status'][]) => changes.filter(({ status }) => statuses.includes(status)).length;
  const parts = [
    [count('A'), 'added'],
    [count('M', 'T', 'P'), 'changed'],
    [count('D'), 'deleted'],
  ].filter(([n]) => n !== 0);
  return { subject: parts.map(([n, verb]) => `${n} ${verb}`).join(', ') || 'No changes', body: undefined };
}
