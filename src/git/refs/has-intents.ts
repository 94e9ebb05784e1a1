import { readdirSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { fileError, isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import type { Repository } from '../open-repository.ts';

/** Where the intents of transactions are noted, a file each. */
export function intentsDirectory({ commonDir }: Repository): ByteString {
  return `${commonDir}/snapshot/transactions`;
}

/** Whether there may be any: mostly not. Looked at by every command, so that no more is loaded for it. */
export function hasIntents(repository: Repository): boolean {
  return intentNames(repository).length > 0;
}

/** The names of their files. */
export function intentNames(repository: Repository): string[] {
  const directory = intentsDirectory(repository);
  try {
    return readdirSync(fsPath(directory), { encoding: 'latin1' });
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw fileError(error, 'read', directory);
  }
}
