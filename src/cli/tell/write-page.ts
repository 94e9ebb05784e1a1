import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { displayBytes, utf8Encode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';

/**
 * Puts a page where it belongs, whole or not at all: whoever reads there sees what was there before, or all of the page.
 *
 * @param options.mode - permission bits, whatever the umask says (default: as it says)
 * @throws {SnapshotError} of kind `usage`
 */
export async function writePage(path: string, text: string, { mode }: { readonly mode?: number } = {}): Promise<void> {
  try {
    const target = await regularTarget(path);
    if (target === undefined) {
      // A device or a pipe: there is nothing to put another file in place of.
      await writeFile(path, text);
      return;
    }
    const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      await writeDurably(temporary, text, mode);
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error;
    throw new SnapshotError(
      'usage',
      `cannot write '${displayBytes(utf8Encode(path))}': ${FAULTS[error.code] ?? error.code}`,
      {
        cause: error,
        hint: 'Name a file in a directory that is there.',
      },
    );
  }
}

/** On the disk before it is renamed: after a power cut, a file under its name must not be an empty one. */
async function writeDurably(path: string, text: string, mode: number | undefined): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    if (mode !== undefined) await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such directory',
  EISDIR: 'it is a directory',
  ENOTDIR: 'its path leads through a file',
  EACCES: 'permission denied',
  ENOSPC: 'no space left',
};

/** The file that a path leads to, through links; the path itself where nothing is; undefined for what is no file. */
async function regularTarget(path: string): Promise<string | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return path;
  return found.isFile() || found.isDirectory() ? realpath(path) : undefined;
}
