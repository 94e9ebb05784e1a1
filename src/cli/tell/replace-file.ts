import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';

/**
 * Puts a file in place of what is there, whole or not at all; into a device or a pipe it is written as it is.
 *
 * @param mode - permission bits, whatever the umask says; undefined: as it says
 * @throws {NodeJS.ErrnoException}
 */
export async function replaceFile(path: string, text: string, mode: number | undefined): Promise<void> {
  const target = await regularTarget(path);
  if (target === undefined) {
    // There is nothing to put another file in place of.
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

/** The file that a path leads to, through links; the path itself where nothing is; undefined for what is no file. */
async function regularTarget(path: string): Promise<string | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return path;
  return found.isFile() || found.isDirectory() ? realpath(path) : undefined;
}
