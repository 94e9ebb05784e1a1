import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SnapshotError } from '../../../src/core/errors.ts';
import { BACKUP_LABEL, isBackup, isLabel, parseLabel, sortLabels } from '../../../src/core/snapshot/label.ts';
import { fuzzRuns, label } from '../arbitraries.ts';

test.each([
  ['a=b', 'a', 'b'],
  ['team/x=a=b', 'team/x', 'a=b'],
  ['0.a_b-c=ü 日本', '0.a_b-c', 'ü 日本'],
  [`a=${'x'.repeat(200)}`, 'a', 'x'.repeat(200)],
])('reads %j', (text, key, value) => expect(parseLabel(text)).toEqual({ key, value }));

test.each([
  ...[
    '',
    '=',
    'a',
    'a=',
    '=b',
    'A=b',
    ' a=b',
    'a =b',
    'a= b',
    'a=b ',
    '-a=b',
    'ä=b',
    `${'a'.repeat(64)}=b`,
    `a=${'x'.repeat(201)}`,
  ],
  ...['a=b\nc', 'a=\x1b', 'a=\u202e', 'a=\u200b', 'a=\ud800', 'a\n=b'],
])('refuses %j', (text) => expect(() => parseLabel(text)).toThrow(SnapshotError));

test('a label reads as itself', () => {
  fc.assert(
    fc.property(label, (some) => {
      expect(isLabel(some)).toBe(true);
      expect(parseLabel(`${some.key}=${some.value}`)).toEqual(some);
    }),
    fuzzRuns(200),
  );
});

test('sorting puts each label in its place once, in whatever order they came', () => {
  fc.assert(
    fc.property(fc.array(label, { maxLength: 8 }), (some) => {
      const sorted = sortLabels(some);
      const text = sorted.map(({ key, value }) => `${key}\0${value}`);
      expect(text).toEqual([...new Set(text)].sort());
      expect(new Set(text)).toEqual(new Set(some.map(({ key, value }) => `${key}\0${value}`)));
      expect(sortLabels(some.toReversed())).toEqual(sorted);
    }),
    fuzzRuns(200),
  );
});

test('a backup is known by the whole label', () => {
  expect(isBackup([{ key: 'a', value: 'b' }, BACKUP_LABEL])).toBe(true);
  expect(isBackup([])).toBe(false);
  expect(isBackup([{ key: 'auto', value: 'x' }])).toBe(false);
  expect(isBackup([{ key: 'x', value: BACKUP_LABEL.value }])).toBe(false);
});
