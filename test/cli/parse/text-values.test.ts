import { expect, test } from 'vitest';
import { suggest } from '../../../src/cli/parse/suggest.ts';
import { parsePath, parseSince } from '../../../src/cli/parse/text-values.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 12);

test.each([
  ['2w', -14 * 86_400],
  ['3d', -3 * 86_400],
  ['12h', -12 * 3600],
  ['30m', -1800],
  ['2026-11-22', -12 * 3600],
  ['2026-11-22T11:00', -3600],
  ['2026-11-22 11:00:30', -3570],
  ['2026-11-22T12:00+01:00', -3600],
  ['2026-11-22T11:00:00Z', -3600],
])('%s is that many seconds from now: %i', (text, offsetSec) => {
  expect(parseSince(text, NOW_MS)).toBe(NOW_MS / 1000 + offsetSec);
});

test.each(['', 'yesterday', '2w3d', '-2d', '2026-02-30', '2026-13-01', '22.11.2026', '2026-11-22T25:00', '99999999d'])(
  '%j is no time',
  (text) => {
    expect(() => parseSince(text, NOW_MS)).toThrow(`'${text}' is not a time`);
  },
);

test('paths', () => {
  expect(parsePath('./a/b/')).toBe('a/b');
  for (const wrong of ['', '.', '..', 'a/../b', '/etc', 'a/./b'])
    expect(() => parsePath(wrong)).toThrow('is not a path inside the set');
});

test('what a misspelt word was meant to be', () => {
  const commands = ['create', 'status', 'list', 'ls', 'show', 'diff', 'verify', 'restore', 'rollback'];
  expect(suggest('stauts', commands)).toBe('status');
  expect(suggest('lst', commands)).toBe('list');
  expect(suggest('environment', ['env', 'continue'])).toBe('env');
  expect(suggest('rollbakc', commands)).toBe('rollback');
  expect(suggest('veri', commands)).toBe('verify');
  expect(suggest('xyzzy', commands)).toBeUndefined();
});
