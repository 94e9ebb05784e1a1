import { closeSync, fchmodSync, fsyncSync, lstatSync, openSync, readFileSync, renameSync, unlinkSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import { syncDirectory } from '../files/sync-directory.ts';
import { writeFully } from '../files/write-fully.ts';
import type { Repository } from '../open-repository.ts';
import { type PackedEntry, parsePackedFile, printPackedFile } from './packed-entries.ts';

/**
 * Changes the file of packed refs as git does: under its lock, whole, by a rename.
 *
 * @param edit - the new entries, or undefined to leave all as it is
 * @returns false where that was not done: somebody holds the lock, the file is of another kind, or the disk fails
 */
export function editPackedRefs(
  { commonDir, format }: Repository,
  edit: (entries: readonly PackedEntry[]) => readonly PackedEntry[] | undefined,
  { fsync }: { fsync: boolean },
): boolean {
  const file = `${commonDir}/packed-refs`;
  return ifPossible(() =>
    withNew(`${file}.lock`, () => {
      const stat = lstatSync(fsPath(file));
      // Git writes to where a link leads.
      if (!stat.isFile()) return false;
      const packed = parsePackedFile(readFileSync(fsPath(file), 'latin1'), format);
      const entries = packed && edit(packed.entries);
      if (packed === undefined || entries === undefined) return false;
      const bytes = Buffer.from(printPackedFile({ ...packed, entries }), 'latin1');
      return withNew(`${file}.new`, (descriptor) => {
        fchmodSync(descriptor, stat.mode);
        writeFully(descriptor, bytes);
        if (fsync) fsyncSync(descriptor);
        renameSync(fsPath(`${file}.new`), fsPath(file));
        if (fsync) syncDirectory(commonDir);
        return true;
      });
    }),
  );
}

/** Makes a file that must not be there, and removes what is left of it in the end. */
function withNew(path: ByteString, work: (descriptor: number) => boolean): boolean {
  const descriptor = openSync(fsPath(path), 'wx', 0o666);
  let isDone = false;
  try {
    isDone = work(descriptor);
    return isDone;
  } finally {
    closeSync(descriptor);
    removeIfThere(path);
  }
}

function removeIfThere(path: ByteString): void {
  try {
    unlinkSync(fsPath(path));
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
}

function ifPossible(work: () => boolean): boolean {
  try {
    return work();
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}
