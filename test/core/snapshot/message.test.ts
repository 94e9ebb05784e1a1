import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SnapshotError } from '../../../src/core/errors.ts';
import { messageFault, parseMessage } from '../../../src/core/snapshot/message.ts';
import { fuzzRuns } from '../arbitraries.ts';

describe('parseMessage', () => {
  test.each([
    ['Subject', { subject: 'Subject', body: undefined }],
    ['  Subject  \n', { subject: 'Subject', body: undefined }],
    ['\n\n Subject\n\n\n', { subject: 'Subject', body: undefined }],
    ['Subject\nmore', { subject: 'Subject', body: 'more' }],
    ['Subject\r\n\r\nmore \r\n\r\n\r\nand more\t\r\n', { subject: 'Subject', body: 'more\n\n\nand more' }],
    ['Subject\n\n   \n  indented\n\ttab', { subject: 'Subject', body: '  indented\n\ttab' }],
    ['Ünï 日本 🎉', { subject: 'Ünï 日本 🎉', body: undefined }],
  ])('makes of %j what is meant', (text, message) => expect(parseMessage(text)).toEqual(message));

  test.each([
    ['', 'is empty'],
    [' \n\t\r\n ', 'is empty'],
    ['a'.repeat(501), '500'],
    [`a\n${'b'.repeat(100_001)}`, '100000'],
    ['a\x1bb', 'control'],
    ['a\u202eb', 'control'],
    ['a\n\nb\u200bc', 'control'],
    ['a\rb', 'control'],
    ['a\tb', 'control'],
    ['a\n\x85b', 'control'],
    ['a\u2028b', 'control'],
    ['a\ud800', 'not valid Unicode'],
    ['-----BEGIN PGP SIGNATURE-----', 'begins like a signature'],
    ['a\n\nb\n-----BEGIN X', 'begins like a signature'],
  ])('refuses %j', (text, reason) => {
    expect(() => parseMessage(text)).toThrow(reason);
    expect(() => parseMessage(text)).toThrow(SnapshotError);
  });

  test('gives a message without fault, which reads as itself', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('a', ' ', '\n', '\n\n', '\r\n', '\t', '-----BEGIN ', ':'),
        fc.string({ unit: 'binary', maxLength: 1 }),
      ),
      maxLength: 15,
    });
    fc.assert(
      fc.property(text, (some) => {
        try {
          const message = parseMessage(some);
          expect(messageFault(message)).toBeUndefined();
          expect(parseMessage(`${message.subject}\n\n${message.body ?? ''}`)).toEqual(message);
        } catch (error) {
          if (!(error instanceof SnapshotError)) throw error;
          expect(error.kind).toBe('usage');
        }
      }),
      fuzzRuns(1000),
    );
  });

  test('is done with megabytes at once', () => {
    for (const part of ['\n', ' ', 'a\n', '\r\n', '-----BEGIN ']) {
      const long = part.repeat(1_000_000 / part.length);
      expect(messageFault({ subject: 'a', body: `b${long}c` })).toContain('100000');
      for (const text of [`a\n${long}b`, `a${long}b`, `${long}a`, `a\n\nb${long}`]) {
        try {
          expect(parseMessage(text).subject).toBe('a');
        } catch (error) {
          if (!(error instanceof SnapshotError)) throw error;
        }
      }
    }
    expect(parseMessage(`a\n\nb${'\n'.repeat(90_000)}c`).body).toHaveLength(90_002);
  });
});

test.each([
  [{ subject: ' a', body: undefined }, 'white space'],
  [{ subject: 'a\nb', body: undefined }, 'control'],
  [{ subject: 'a', body: '' }, 'blank line'],
  [{ subject: 'a', body: '\nb' }, 'blank line'],
  [{ subject: 'a', body: 'b\n' }, 'blank line'],
  [{ subject: 'a', body: 'b \nc' }, 'white space'],
])('finds fault with %j', (message, reason) => expect(messageFault(message)).toContain(reason));
