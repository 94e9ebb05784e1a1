import { expect, test } from 'vitest';
import { shortage } from '../../src/workdir/free-bytes.ts';

test('what is needed and what is free never read the same', () => {
  const mib = 1 << 20;
  expect(shortage(mib - 1, mib - 2)).toEqual({ needed: '1 MiB', free: '0 MiB' });
  expect(shortage(5 * mib + 1, 5 * mib)).toEqual({ needed: '6 MiB', free: '5 MiB' });
});
