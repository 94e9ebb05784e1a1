import type { ByteString } from '../core/byte-string.ts';

/** All arguments of this process as bytes, its program's among them, as Linux has them; undefined elsewhere. */
export function rawArguments(): readonly ByteString[] | undefined {
  try {
    const { readFileSync } = process.getBuiltinModule('node:fs');
    return readFileSync('/proc/self/cmdline', 'latin1').split('\0').slice(0, -1);
  } catch {
    return undefined;
  }
}
