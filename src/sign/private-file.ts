import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SnapshotError } from '../core/errors.ts';
import { systemReason } from '../core/system-reason.ts';

const OTHERS_ANY = 0o077;
const OTHERS_WRITE = 0o022;

/** No key or trust file is anywhere near this size. */
const MAX_BYTES = 1 << 20;

/**
 * Writes a file that only its owner can read, durably and in one step: readers see the former file or the new one.
 *
 * @param options.replace - whether a file of that name may be there already
 * @throws {SnapshotError} of kind `conflict` if there is one and it may not; of kind `config` if the file cannot be written
 */
export async function writePrivateFile(path: string, text: string, options: { replace: boolean }): Promise<void> {
  const directory = dirname(path);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    try {
      await writeDurably(temporary, text);
      if (options.replace) await rename(temporary, path);
      // Unlike rename, link fails where a file is.
      else await link(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
    await syncDirectory(directory);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') {
      throw new SnapshotError('conflict', `'${path}' exists already`, { hint: 'Move it away first.', cause: error });
    }
    throw fileError('write', path, error);
  }
}

/**
 * Reads such a file.
 *
 * @param options.secret - refuse it if others may read it, and not only if they may write it
 * @returns undefined if there is none
 * @throws {SnapshotError} of kind `config` if it cannot be read or must not be used
 */
export async function readPrivateFile(path: string, options: { secret: boolean }): Promise<string | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fileError('read', path, error);
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > MAX_BYTES) throw new SnapshotError('config', `'${path}' is not a file of ours`);
    const forbidden = options.secret ? OTHERS_ANY : OTHERS_WRITE;
    // Windows has no such permission bits.
    if (process.platform !== 'win32' && (stat.mode & forbidden) !== 0) {
      const mode = (stat.mode & 0o777).toString(8);
      throw new SnapshotError(
        'config',
        `'${path}' can be ${options.secret ? 'read' : 'changed'} by others (its mode is ${mode})`,
        {
          hint: `Run "chmod 600 '${path}'", and think about who may have used it.`,
        },
      );
    }
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof SnapshotError) throw error;
    throw fileError('read', path, error);
  } finally {
    await file.close();
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open directories.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** What to throw for a failed system call on a file; anything else comes back as it is. */
export function fileError(verb: 'read' | 'write', path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  const hint = `Check the permissions and the disk of '${dirname(path)}'.`;
  return new SnapshotError('config', `cannot ${verb} '${path}': ${systemReason(code)}`, { hint, cause: error });
}

/** The error code of a failed system call, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
