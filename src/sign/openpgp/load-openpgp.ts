import type { Config } from 'openpgp';
import { strictConfig } from '../../core/openpgp/library.ts';

/** The library, and what we ask of keys. */
export interface OpenPgp {
  readonly lib: typeof import('openpgp');
  /** Hashes that collide are refused in self-signatures too, and short RSA keys. */
  readonly strict: Config;
}

/** Loads openpgp.js, which takes some 50 ms the first time: only where a key is made, read or judged. */
export async function loadOpenPgp(): Promise<OpenPgp> {
  const lib = await import('openpgp');
  return { lib, strict: strictConfig(lib.config, lib.enums.hash) };
}
