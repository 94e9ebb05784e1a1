import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteString } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import type { KeyId } from '../core/signing.ts';
import { codeOf, fileError, readPrivateFile, writePrivateFile } from './private-file.ts';

const NAME = /^([0-9A-F]{40})\.asc$/;

/** Where the private key of that name is, in the user's configuration directory. */
export function keyFilePath(configDir: string, key: KeyId): string {
  return join(configDir, 'keys', `${key.slice('openpgp:'.length)}.asc`);
}

/** Whether keys were ever made or kept there. */
export function hasKeyDirectory(configDir: string): boolean {
  return existsSync(join(configDir, 'keys'));
}

/** The keys of which there is a private key file, sorted. The files are not read. */
export async function listKeyFiles(configDir: string): Promise<KeyId[]> {
  const directory = join(configDir, 'keys');
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw fileError('read', directory, error);
  }
  return names.toSorted().flatMap((name): KeyId[] => {
    const fingerprint = NAME.exec(name)?.[1];
    return fingerprint === undefined ? [] : [`openpgp:${fingerprint}`];
  });
}

/**
 * Reads a private key file, armored. Whether it holds that key is for the caller to see.
 *
 * @throws {SnapshotError} of kind `not-found` if there is none; of kind `config` if others can read it
 */
export async function loadKeyFile(configDir: string, key: KeyId): Promise<ByteString> {
  const path = keyFilePath(configDir, key);
  const armored = await readPrivateFile(path, { secret: true });
  if (armored !== undefined) return armored;
  throw new SnapshotError('not-found', `there is no private key '${key}' in '${configDir}'`, {
    hint: 'Copy its file there from the machine that has it, or add a key with "git snapshot key add".',
  });
}

/**
 * Writes a private key file, readable by its owner alone. Never replaces one.
 *
 * @throws {SnapshotError} of kind `conflict` if there is one
 * @returns the file's path
 */
export async function saveKeyFile(configDir: string, key: KeyId, armored: ByteString): Promise<string> {
  const path = keyFilePath(configDir, key);
  await writePrivateFile(path, armored, { replace: false });
  return path;
}
