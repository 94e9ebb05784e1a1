import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAuthenticator, openCacheAuthenticator } from '../../src/sign/memory-key.ts';
import { tempDir } from '../support/temp-repo.ts';

const CACHE = { gitDir: '/r/.git', set: 'artifacts' };

test('the key is made on first use, once, and each purpose has codes of its own', async () => {
  const configDir = join(tempDir(), 'new');
  const openings = [
    ...Array.from({ length: 8 }, () => openCacheAuthenticator(configDir, CACHE)),
    openCacheAuthenticator(configDir, { ...CACHE, set: 'models' }),
    openCacheAuthenticator(configDir, { ...CACHE, gitDir: '/other/.git' }),
    openAuthenticator(configDir, ['another', CACHE.gitDir, CACHE.set]),
    openCacheAuthenticator(tempDir(), CACHE),
  ];
  const codes = (await Promise.all(openings)).map((authenticate) => authenticate?.('text'));
  expect(codes[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(codes.slice(0, 8)).size).toBe(1);
  expect(new Set(codes.slice(7)).size).toBe(5);
  expect(readFileSync(join(configDir, 'memory.key'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
});

test('where the key cannot be made, there is none for a cache, and an error for the rest', async () => {
  const configDir = join(tempDir(), 'file');
  writeFileSync(configDir, '');
  expect(await openCacheAuthenticator(configDir, CACHE)).toBeUndefined();
  await expect(openAuthenticator(configDir, ['purpose'])).rejects.toMatchObject({ kind: 'config' });
});
