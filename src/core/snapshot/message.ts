import { hasUnsafeCharacters } from '../byte-string.ts';
import { SnapshotError } from '../errors.ts';

/** What a person says of a snapshot: one line, and perhaps more below it. */
export interface Message {
  readonly subject: string;
  /** Paragraphs, without a line feed at either end. */
  readonly body: string | undefined;
}

const SUBJECT_MAX = 500;
const BODY_MAX = 100_000;

/**
 * Makes a message of what a person typed: line ends unified, blank lines around it dropped, the first line the subject.
 *
 * @throws {SnapshotError} of kind `usage` for text that cannot be signed as it is shown
 */
export function parseMessage(text: string): Message {
  const lines = text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.trimEnd());
  const first = lines.findIndex((line) => line !== '');
  const subject = lines[first]?.trim() ?? '';
  const bodyFirst = lines.findIndex((line, i) => i > first && line !== '');
  const last = lines.findLastIndex((line) => line !== '');
  const body = bodyFirst < 0 ? '' : lines.slice(bodyFirst, last + 1).join('\n');
  const fault = messageFault({ subject, body: body === '' ? undefined : body });
  if (fault !== undefined)
    throw new SnapshotError('usage', `the message ${fault}`, { hint: 'Give another with -m or -F.' });
  return { subject, body: body === '' ? undefined : body };
}

/** Why this cannot be the message of a snapshot, or undefined if it can. */
export function messageFault({ subject, body }: Message): string | undefined {
  if (subject === '') return 'is empty';
  if (subject.length > SUBJECT_MAX) return `has a first line of more than ${SUBJECT_MAX} characters`;
  if (body !== undefined && body.length > BODY_MAX) return `has more than ${BODY_MAX} characters`;
  if (!subject.isWellFormed() || body?.isWellFormed() === false) return 'is not valid Unicode';
  if (hasUnsafeCharacters(subject) || hasUnsafeCharacters(body?.replaceAll('\n', ' ').replaceAll('\t', ' ') ?? '')) {
    return 'has control or invisible characters';
  }
  if (subject !== subject.trim() || body?.split('\n').some((line) => line !== line.trimEnd()) === true)
    return 'has white space at the end of a line';
  if (body !== undefined && (body === '' || /^\n|\n$/.test(body))) return 'begins or ends with a blank line';
  // Git takes the last such line for the beginning of the signature.
  if (/^-----BEGIN /m.test(`${subject}\n${body ?? ''}`)) return 'has a line that begins like a signature';
  return undefined;
}
