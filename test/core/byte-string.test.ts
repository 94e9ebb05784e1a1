import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesToHex,
  displayBytes,
  escapeText,
  fromByteArray,
  hasUnsafeCharacters,
  hexToBytes,
  percentDecode,
  percentEncode,
  quoteText,
  toByteArray,
  utf8Decode,
  utf8Encode,
} from '../../src/core/byte-string.ts';
import { bytes, fuzzRuns } from './arbitraries.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 30 });

// Written out on purpose, not by Unicode properties as in the code: what a terminal or a reader must never meet.
const DANGEROUS = [
  ['\0', '\x07', '\x08', '\t', '\n', '\r', '\x1b', '\x7f', '\x80', '\x85', '\x9b', '\x9f'],
  [
    '\u061c',
    '\u200e',
    '\u200f',
    '\u202a',
    '\u202b',
    '\u202c',
    '\u202d',
    '\u202e',
    '\u2066',
    '\u2067',
    '\u2068',
    '\u2069',
  ],
  [
    '\u00ad',
    '\u034f',
    '\u115f',
    '\u1160',
    '\u17b4',
    '\u180b',
    '\u180e',
    '\u200b',
    '\u200c',
    '\u200d',
    '\u2028',
    '\u2029',
  ],
  [
    '\u2060',
    '\u2064',
    '\u206f',
    '\u2800',
    '\u3164',
    '\ufe00',
    '\ufeff',
    '\uffa0',
    '\ufff9',
    '\ufffc',
    '\ufffd',
    '\uffff',
  ],
  ['\u{1d173}', '\u{e0001}', '\u{e0041}', '\u{e0100}', '\ue000', '\u{f0000}', '\ud800', '\udfff'],
].flat();

describe('UTF-8', () => {
  test('is the same as the runtime’s, both ways', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(utf8Encode(text)).toBe(Buffer.from(text).toString('latin1'));
        expect(utf8Decode(utf8Encode(text))).toBe(text);
      }),
      fuzzRuns(300),
    );
  });

  test('what is decoded encodes to the same bytes; the rest is not UTF-8', () => {
    fc.assert(
      fc.property(bytes({ maxLength: 12 }), (some) => {
        const text = utf8Decode(some);
        if (text !== undefined) expect(utf8Encode(text)).toBe(some);
        expect(text !== undefined).toBe(
          Buffer.from(Buffer.from(some, 'latin1').toString()).toString('latin1') === some,
        );
      }),
      fuzzRuns(500),
    );
  });

  test.each(['\xc0\x80', '\xed\xa0\x80', '\xf4\x90\x80\x80', '\xe2\x82', '\x80', '\xff'])('%j is not UTF-8', (some) => {
    expect(utf8Decode(some)).toBeUndefined();
  });

  test('keeps a byte order mark, and refuses a lone surrogate', () => {
    expect(utf8Decode('\xef\xbb\xbfa')).toBe('\ufeffa');
    expect(() => utf8Encode('a\ud800')).toThrow(RangeError);
  });

  test('takes megabytes', () => {
    const text = 'é'.repeat(3_000_000);
    expect(utf8Decode(utf8Encode(text))).toBe(text);
  });
});

test('arrays and hexadecimal give the bytes back', () => {
  fc.assert(
    fc.property(bytes({ maxLength: 40 }), (some) => {
      expect(fromByteArray(toByteArray(some))).toBe(some);
      expect(bytesToHex(some)).toBe(Buffer.from(some, 'latin1').toString('hex'));
      expect(hexToBytes(bytesToHex(some))).toBe(some);
    }),
    fuzzRuns(200),
  );
  expect(bytesToHex('\x00\x0f\xff', 1, 2)).toBe('0f');
});

describe('unsafe characters', () => {
  test.each(DANGEROUS.map((c) => [c.codePointAt(0)?.toString(16), c]))('U+%s is seen and escaped', (hex, c) => {
    expect(hasUnsafeCharacters(`a${c}b`)).toBe(true);
    expect(escapeText(`a${c}b`)).toBe(`a\\u{${hex}}b`);
  });

  test.each(['plain', 'ä ñ 日本 עברית ไทย', 'e\u0301', '🎉', '❤\ufe0f', '\u00a0', '"\\', ''])(
    '%j is left alone',
    (text) => {
      expect(hasUnsafeCharacters(text)).toBe(false);
      expect(escapeText(text)).toBe(text);
    },
  );

  test('the selector of colourful pictographs passes only behind one', () => {
    for (const text of ['a\ufe0f', '\ufe0f', '❤\ufe0f\ufe0f', '1\ufe0f']) expect(hasUnsafeCharacters(text)).toBe(true);
  });

  test('escaped text has none', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(fc.constantFrom(...DANGEROUS), fc.string({ unit: 'binary' })) }),
        (text) => {
          expect(hasUnsafeCharacters(escapeText(text))).toBe(false);
        },
      ),
      fuzzRuns(300),
    );
  });
});

describe('displayBytes', () => {
  test('never lets an unsafe character through, and never shows two paths alike', () => {
    const hostile = fc.array(
      fc.constantFrom(...DANGEROUS.filter((c) => c.isWellFormed()), 'a', '\\', '"', 'u{a}', '\\n'),
    );
    const some = fc.oneof(
      bytes({ maxLength: 8 }),
      hostile.map((parts) => utf8Encode(parts.join(''))),
    );
    fc.assert(
      fc.property(some, some, (a, b) => {
        expect(hasUnsafeCharacters(displayBytes(a))).toBe(false);
        if (a !== b) expect(displayBytes(a)).not.toBe(displayBytes(b));
      }),
      fuzzRuns(500),
    );
  });

  test.each([
    ['plain name.txt', 'plain name.txt'],
    ['caf\xc3\xa9', 'café'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['a\nb\tc\rd', '"a\\nb\\tc\\rd"'],
    ['\x1b[31m', '"\\u{1b}[31m"'],
    ['caf\xe9\n', '"caf\\351\\012"'],
    ['', ''],
  ])('shows %j as %s', (some, shown) => expect(displayBytes(some)).toBe(shown));
});

test.each([
  ['a "b"', `'a "b"'`],
  ['a\nb\u001b[2J', String.raw`'a\u{a}b\u{1b}[2J'`],
  ['', "''"],
  ['x'.repeat(201), `'${'x'.repeat(200)}…'`],
])('quotes %j on one line, whatever it is', (text, quoted) => expect(quoteText(text)).toBe(quoted));

describe('percent encoding', () => {
  test('is reversible and printable, and has one spelling', () => {
    fc.assert(
      fc.property(bytes({ maxLength: 20 }), (some) => {
        const text = percentEncode(some);
        expect(text).toMatch(/^[!-~]*$/);
        expect(percentDecode(text)).toBe(some);
        expect(decodeURIComponent(text.replace(/%[89A-F]./g, ''))).toBe(some.replace(/[\x80-\xff]/g, ''));
      }),
      fuzzRuns(300),
    );
  });

  test.each(['%', '%4', '%4g', '%41', '%2f', '%2F', '%0a', ' ', 'a\n', 'é', 'ā', '%%20', '\u0120'])(
    '%j is no encoding',
    (text) => {
      expect(percentDecode(text)).toBeUndefined();
    },
  );

  test('whatever is decoded encodes to the same', () => {
    const near = fc.string({ unit: fc.constantFrom('%', '2', '0', 'A', 'f', 'z', 'é'), maxLength: 8 });
    fc.assert(
      fc.property(near, (text) => {
        const decoded = percentDecode(text);
        if (decoded !== undefined) expect(percentEncode(decoded)).toBe(text);
      }),
      fuzzRuns(500),
    );
  });
});
