import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ByteString } from '../core/byte-string.ts';
import { utf8Encode } from '../core/byte-string.ts';
import type { BytePath, Entry } from '../core/entry.ts';
import { DIRECTORY, fileType, permissions, SYMLINK } from '../core/entry.ts';
import type { BlobToRestore } from '../core/ports.ts';
import { nativePath } from './native-path.ts';

/** Nobody may write, whatever the entry says. */
const READ_ONLY = 0o555;

/** How to write a snapshot where it is only looked at. */
export interface CheckOut {
  /** Sorted by path. */
  readonly entries: readonly Entry[];
  /** Directory to make the new one in. */
  readonly parent: string;
  readonly restore: (blobs: readonly BlobToRestore[]) => Promise<unknown>;
}

/** Writes entries into a new directory that may only be read. Whoever asked removes it. */
export async function checkOut({
  entries,
  parent,
  restore,
}: CheckOut): Promise<{ readonly directory: string; remove(): Promise<void> }> {
  const directory = mkdtempSync(join(parent, 'git-snapshot-check-'));
  const root = utf8Encode(directory);
  const directories = new Set<BytePath>();
  const remove = async () => {
    chmodSync(directory, 0o700);
    for (const path of directories) makeWritable(`${root}/${path}`);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    for (const { path, mode } of entries) addDirectories(directories, fileType(mode) === DIRECTORY ? `${path}/` : path);
    for (const path of directories) mkdirSync(nativePath(`${root}/${path}`));
    await restore(entries.filter(({ mode }) => fileType(mode) !== DIRECTORY).map((entry) => blobOf(entry, root)));
    for (const path of directories) chmodSync(nativePath(`${root}/${path}`), READ_ONLY);
    chmodSync(directory, READ_ONLY);
    return { directory, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Whoever worked there may have put something else in its place: nothing is followed. */
function makeWritable(path: ByteString): void {
  const at = nativePath(path);
  try {
    if (lstatSync(at, { throwIfNoEntry: false })?.isDirectory()) chmodSync(at, 0o700);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOTDIR') throw error;
  }
}

/** Each directory above a path, those further up first. */
function addDirectories(directories: Set<BytePath>, path: BytePath): void {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) directories.add(path.slice(0, end));
}

function blobOf({ path, mode, oid }: Entry, root: ByteString): BlobToRestore {
  const isLink = fileType(mode) === SYMLINK;
  return { oid, destination: `${root}/${path}`, permissions: permissions(mode) & READ_ONLY, symlink: isLink };
}
