import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import { CacheDirectory } from './cache-directory.ts';
import type { Authenticate } from './cache-state.ts';
import { StatCache } from './stat-cache.ts';

/** Whether the stat cache of a set can be believed. Only looks. */
export async function cacheHealth(
  cacheDir: ByteString,
  options: { readonly format: ObjectFormat; readonly authenticator: () => Promise<Authenticate | undefined> },
): Promise<'usable' | 'absent' | 'unusable'> {
  const directory = new CacheDirectory(cacheDir);
  if (directory.read('state') === undefined) return 'absent';
  const cache = new StatCache(directory, options);
  const state = await cache.readState();
  return state !== undefined && cache.readIndex(state) !== undefined ? 'usable' : 'unusable';
}
