import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ByteString } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

/** The key that authenticates what is remembered, in the user's directory for this program. */
const KEY_FILE = 'memory.key';

/**
 * Authenticates what this user's program writes for itself, with a key that is made on first use.
 *
 * @param purpose - what is written and where it belongs: the code of a text for one purpose is none for another
 * @returns what gives the code of a text, 64 hexadecimal digits: an HMAC-SHA-256
 * @throws {SnapshotError} of kind `config` where the key cannot be read or made, or others can read it
 */
export async function openAuthenticator(
  configDir: string,
  purpose: readonly string[],
): Promise<(text: string | Uint8Array) => string> {
  const key = (await readKey(configDir)) ?? (await makeKey(configDir));
  const domain = `${JSON.stringify(purpose)}\n`;
  return (text) => createHmac('sha256', key).update(domain).update(text).digest('hex');
}

/**
 * Authenticates the stat cache of a set in one clone.
 *
 * @returns undefined where there is no key to be had: a cache only saves time, so then there is none
 */
export async function openCacheAuthenticator(
  configDir: string,
  { gitDir, set }: { gitDir: ByteString; set: string },
): Promise<((text: string) => string) | undefined> {
  try {
    return await openAuthenticator(configDir, ['git-snapshot stat cache', gitDir, set]);
  } catch (error) {
    if (error instanceof SnapshotError) return undefined;
    throw error;
  }
}

/** Whether there is a key already; asking for an authenticator makes one. */
export async function hasMemoryKey(configDir: string): Promise<boolean> {
  return (await readKey(configDir)) !== undefined;
}

function readKey(configDir: string): Promise<string | undefined> {
  return readPrivateFile(join(configDir, KEY_FILE), { secret: true });
}

async function makeKey(configDir: string): Promise<string> {
  const key = `${randomBytes(32).toString('hex')}\n`;
  try {
    await writePrivateFile(join(configDir, KEY_FILE), key, { replace: false });
    return key;
  } catch (error) {
    // Another process made one at the same time.
    const other = await readKey(configDir);
    if (other === undefined) throw error;
    return other;
  }
}
