import { describe, expect, test } from 'vitest';
import { utf8Encode } from '../../src/core/byte-string.ts';
import { Gate } from '../../src/core/policy/gate-schema.ts';
import { EMPTY_DIRECTORY, runGate, subjectOf, told } from './subject.ts';

const FILES = {
  'README.md': 'hello',
  'models/a.bin': '\0\xff\xfeBEGIN\0',
  'models/.cache/x': '',
  link: { link: 'BEGIN' },
  tmp: EMPTY_DIRECTORY,
} as const;
const LABELS = [{ key: 'release', value: '1' }];

const check = (contract: object) => runGate({ type: 'contract', ...contract }, subjectOf(FILES, { labels: LABELS }));

describe('a contract gate', () => {
  test('passes a snapshot that has what it must, and not what it must not', async () => {
    const result = await check({
      required: ['README.md', 'models/*.bin'],
      forbidden: ['**/*.key', 'README', 'models'.toUpperCase()],
      forbiddenText: ['BEGIN PRIVATE KEY'],
      maxFileBytes: 9,
      maxBytes: 19,
      maxFiles: 4,
      labels: ['release'],
    });
    expect(result).toMatchObject({ verdict: 'pass', detail: '5 paths', violations: [] });
    expect(JSON.parse(result.evidence)['labels']).toEqual(LABELS);
  });

  test.each<[string, object, string[]]>([
    [
      'required',
      { required: ['README.md', '*.txt', 'link', 'tmp'] },
      [
        "no file matches '*.txt', which is required",
        "link: is not a regular file, and 'link' is required",
        "no file matches 'tmp', which is required",
      ],
    ],
    [
      'forbidden',
      { forbidden: ['*.md', 'li*', 'tmp'] },
      [
        "README.md: matches '*.md', which is forbidden",
        "link: matches 'li*', which is forbidden",
        "tmp: matches 'tmp', which is forbidden",
      ],
    ],
    [
      'forbidden as a directory',
      { forbidden: ['**/.cache'] },
      ["models/.cache/x: matches '**/.cache', which is forbidden"],
    ],
    [
      'forbidden as text',
      { forbiddenText: ['BEGIN', utf8Encode('hello')] },
      [
        "README.md: has 'hello' at byte 0, which is forbidden",
        "link: has 'BEGIN' at byte 0, which is forbidden",
        "models/a.bin: has 'BEGIN' at byte 3, which is forbidden",
      ],
    ],
    ['too large', { maxFileBytes: 8 }, ['models/a.bin: has 9 bytes, more than 8']],
    ['too large in all', { maxBytes: 18 }, ['there are 19 bytes, more than 18']],
    ['too many', { maxFiles: 3 }, ['there are 4 files, more than 3']],
    ['without its labels', { labels: ['release', 'model'] }, ["there is no label 'model'"]],
  ])('fails what is %s', async (_, contract, expected) => {
    const result = await check(contract);
    expect(result.verdict).toBe('fail');
    expect(told(result)).toEqual(expected);
  });

  test('finds text of more than ASCII, as UTF-8', async () => {
    const subject = subjectOf({ a: utf8Encode('streng vertraulich: für alle') });
    const result = await runGate({ type: 'contract', forbiddenText: ['für'] }, subject);
    expect(told(result)).toEqual(["a: has 'für' at byte 20, which is forbidden"]);
  });

  test('finds a forbidden file behind a line feed in a name, and one that is not UTF-8', async () => {
    const subject = subjectOf({ 'a\nb/x.key': '', '\xff.key': '' });
    const result = await runGate({ type: 'contract', forbidden: ['**/*.key'] }, subject);
    expect(result.violations.map(({ path }) => path)).toEqual(['a\nb/x.key', '\xff.key']);
    expect(result.detail).toBe('2 violations');
  });

  test('is an error where a file is too large to be searched', async () => {
    const subject = subjectOf({ a: '' });
    const entries = subject.entries.map((entry) => ({ ...entry, size: 2 ** 28 + 1 }));
    const result = await runGate({ type: 'contract', forbiddenText: ['x'] }, { ...subject, entries });
    expect(result).toMatchObject({
      verdict: 'error',
      detail: "'a' has 268435457 bytes, too many to be searched for text",
    });
  });

  test.each<[string, object]>([
    ['nothing', {}],
    ['nothing but a time limit', { timeout: 5 }],
    ['a glob that can match nothing', { forbidden: ['/etc'] }],
    ['a glob with an empty name', { forbidden: ['a//b'] }],
    ['empty text', { forbiddenText: [''] }],
  ])('cannot ask for %s', (_, contract) => {
    expect(Gate.safeParse({ type: 'contract', ...contract }).success).toBe(false);
  });
});
