import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ByteString } from '../core/byte-string.ts';
import { fsPath } from './files/fs-path.ts';
import type { Repository } from './open-repository.ts';

/** What is known of a clone by a file in its git directory, which no push or fetch can reach. */
export interface CloneIdentity {
  /** Random name of the clone, 32 hexadecimal digits. */
  readonly clone: string;
  /** Id of the snapshot repository that it was first met as, 64 hexadecimal digits. */
  readonly repository: string;
}

/** Reads the identity, or undefined where the clone has none, or not one of ours. */
export function readCloneIdentity(repository: Repository): CloneIdentity | undefined {
  let text: string;
  try {
    text = readFileSync(fsPath(identityPath(repository)), 'latin1');
  } catch (error) {
    if (!isFileError(error)) throw error;
    return undefined;
  }
  const [first = '', path, ...rest] = text.split('\n');
  const [, clone, id] = /^([0-9a-f]{32}) ([0-9a-f]{64})$/.exec(first) ?? [];
  // A copy of a clone is another clone.
  const isHere = path === repository.commonDir && rest.join() === '';
  return clone === undefined || id === undefined || !isHere ? undefined : { clone, repository: id };
}

/** Gives the clone an identity, unless it has one. Undefined where it cannot be written: then nothing is remembered of it. */
export function ensureCloneIdentity(repository: Repository, id: string): CloneIdentity | undefined {
  const known = readCloneIdentity(repository);
  if (known !== undefined) return known;
  const path = identityPath(repository);
  try {
    mkdirSync(fsPath(path.slice(0, path.lastIndexOf('/'))), { recursive: true });
    const text = `${randomBytes(16).toString('hex')} ${id}\n${repository.commonDir}\n`;
    const temporary = fsPath(`${path}.${process.pid}.tmp`);
    writeFileSync(temporary, text, 'latin1');
    renameSync(temporary, fsPath(path));
  } catch (error) {
    if (!isFileError(error)) throw error;
  }
  return readCloneIdentity(repository);
}

function identityPath({ commonDir }: Repository): ByteString {
  return `${commonDir}/snapshot/clone`;
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}
