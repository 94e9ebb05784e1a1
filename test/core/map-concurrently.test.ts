import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapConcurrently } from '../../src/core/map-concurrently.ts';

describe('mapConcurrently', () => {
  it('keeps the order, whatever is done first', async () => {
    const results = await mapConcurrently([9, 1, 5, 0], 3, async (ms) => {
      await sleep(ms);
      return ms * 2;
    });
    expect(results).toEqual([18, 2, 10, 0]);
  });

  it('never does more at once than it may, and as many as it may', async () => {
    let running = 0;
    let most = 0;
    await mapConcurrently(Array.from({ length: 20 }), 4, async () => {
      most = Math.max(most, ++running);
      await sleep(1);
      running--;
    });
    expect(most).toBe(4);
  });

  it('gives nothing for nothing', async () => {
    expect(await mapConcurrently([], 4, async () => 1)).toEqual([]);
  });

  it('throws what one of them throws', async () => {
    const failing = mapConcurrently([1, 2, 3], 2, async (n) => {
      if (n === 2) throw new RangeError('two');
      return n;
    });
    await expect(failing).rejects.toThrow('two');
  });
});
