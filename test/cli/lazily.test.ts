import { expect, test } from 'vitest';
import { lazily } from '../../src/cli/wire/lazily.ts';

test('a part is loaded with the first call of a method, and not by being handed on', async () => {
  let loaded = 0;
  const part = lazily<{ twice(number: number): Promise<number> }>({ twice: true }, async () => {
    loaded += 1;
    return { twice: async (number: number) => number * 2 };
  });
  const handedOn = await (async () => part)();
  expect(loaded).toBe(0);
  expect(Object.keys(handedOn)).toEqual(['twice']);
  expect(await handedOn.twice(21)).toBe(42);
  expect(loaded).toBe(1);
});
