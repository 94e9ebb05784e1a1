import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lengthText, spanText } from '../../src/core/length-text.ts';

test('lengths of time are told in one way, in the two largest units', () => {
  const texts: [ms: number, text: string][] = [
    [0.4, '0 ms'],
    [340, '340 ms'],
    [999.6, '1 s'],
    [2500, '2.5 s'],
    [59_949, '59.9 s'],
    [59_960, '1 min'],
    [184_000, '3 min 4 s'],
    [3_599_900, '1 h'],
    [3_661_000, '1 h 1 min'],
    [100_800_000, '1 d 4 h'],
    [-5, '0 ms'],
  ];
  expect(texts.map(([ms]) => lengthText(ms))).toEqual(texts.map(([, text]) => text));
  expect([-1, 0, 12, 300, 2_592_000].map(spanText)).toEqual(['0 s', '0 s', '12 s', '5 min', '30 d']);
});

test('no length is longer than its text says by more than its smaller unit', () => {
  const SEC: Record<string, number> = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 };
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (ms) => {
      const parts = [...lengthText(ms).matchAll(/([0-9.]+) (ms|s|min|h|d)/g)];
      const told = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SEC[unit ?? ''] ?? Number.NaN), 0);
      const unit = Math.max(...parts.map(([, , name]) => SEC[name ?? ''] ?? Number.NaN));
      expect(Math.abs(told - ms / 1000)).toBeLessThanOrEqual(unit);
    }),
  );
});
