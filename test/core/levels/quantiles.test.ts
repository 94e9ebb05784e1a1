import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quantile, summarizeTimes } from '../../../src/core/levels/quantiles.ts';
import { fuzzRuns } from '../arbitraries.ts';

const times = fc.array(fc.nat({ max: 10_000_000 }), { minLength: 1, maxLength: 300 });

describe('a quantile', () => {
  test('is one of the values, reached by enough of them, and no smaller one is', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const sorted = values.toSorted((a, b) => a - b);
        const found = quantile(sorted, percent);
        const upTo = (limit: number) => sorted.filter((value) => value <= limit).length;
        expect(sorted).toContain(found);
        expect(upTo(found) * 100).toBeGreaterThanOrEqual(sorted.length * percent);
        expect(upTo(found - 1) * 100).toBeLessThan(sorted.length * percent);
      }),
      fuzzRuns(300),
    );
  });

  test.each([
    [[7], 50, 7],
    [[1, 2], 50, 1],
    [[1, 2, 3], 50, 2],
    [Array.from({ length: 100 }, (_, i) => i + 1), 95, 95],
    [Array.from({ length: 20 }, (_, i) => i + 1), 95, 19],
    [Array.from({ length: 19 }, (_, i) => i + 1), 95, 19],
    [Array.from({ length: 101 }, (_, i) => i + 1), 95, 96],
  ])('case %#', (sorted, percent, expected) => expect(quantile(sorted, percent)).toBe(expected));

  test('of nothing is a mistake', () => expect(() => quantile([], 50)).toThrow(RangeError));
});

describe('a summary', () => {
  test('has its figures in order, whatever the order of what was measured', () => {
    fc.assert(
      fc.property(times, (values) => {
        const before = [...values];
        const summary = summarizeTimes(values);
        expect(values).toEqual(before);
        expect(summary).toMatchObject({ count: values.length, worstMs: Math.max(...values), lastMs: values.at(-1) });
        expect(summary?.medianMs).toBeLessThanOrEqual(summary?.p95Ms ?? 0);
        expect(summary?.p95Ms).toBeLessThanOrEqual(summary?.worstMs ?? 0);
        const { lastMs: _, ...figures } = summary ?? {};
        const { lastMs: _last, ...reversed } = summarizeTimes(values.toReversed()) ?? {};
        expect(reversed).toEqual(figures);
      }),
      fuzzRuns(200),
    );
  });

  test('of nothing there is none', () => expect(summarizeTimes([])).toBeUndefined());
});
