import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { escapeText } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import type { ExportOutput } from '../core/exchange/port.ts';
import { systemReason } from '../core/system-reason.ts';

/** Does something before the process ends, however that comes about; gives what takes the wish back. */
export type BeforeExit = (act: () => void) => () => void;

/** A new file that is whole when it gets its name: written beside it under another, synced, then renamed. */
export function openOutputFile(
  path: string,
  { name, force, beforeExit }: { readonly name: string; readonly force: boolean; readonly beforeExit: BeforeExit },
): ExportOutput {
  if (isDirectory(path)) {
    throw new SnapshotError('usage', `'${escapeText(name)}' is a directory`, { hint: 'Name a file in it.' });
  }
  if (!force && existsSync(path)) throw exists(name);
  const random = process.getBuiltinModule('node:crypto').randomBytes(6).toString('hex');
  const temporary = join(dirname(path), `.${basename(path).slice(0, 200)}.${random}.tmp`);
  const descriptor = attempt(name, () => openSync(temporary, 'wx', 0o666));
  let isOpen = true;
  const abandon = () => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
    rmSync(temporary, { force: true });
    forget();
  };
  const forget = beforeExit(() => rmSync(temporary, { force: true }));
  return {
    name,
    write: async (chunk) => {
      attempt(name, () => {
        for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
      });
    },
    commit: async () => {
      attempt(name, () => {
        fsyncSync(descriptor);
        isOpen = false;
        closeSync(descriptor);
        if (force) renameSync(temporary, path);
        else publishNew(temporary, path, name);
        syncDirectory(dirname(path));
      });
      abandon();
    },
    abandon,
  };
}

/** Unlike a rename, a link replaces nothing. Some file systems have none. */
function publishNew(temporary: string, path: string, name: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    if (error.code === 'EEXIST' || existsSync(path)) throw exists(name);
    renameSync(temporary, path);
  }
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function exists(name: string): SnapshotError {
  return new SnapshotError('conflict', `'${escapeText(name)}' exists`, {
    hint: 'Nothing was changed. Name another file, or replace it with --force.',
  });
}

function attempt<T>(name: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) throw error;
    const isFull = error.code === 'ENOSPC' || error.code === 'EDQUOT';
    throw new SnapshotError(
      error.code === 'ENOENT' ? 'not-found' : 'git',
      `cannot write '${escapeText(name)}': ${systemReason(String(error.code))}`,
      {
        cause: error,
        hint: isFull
          ? 'Free some disk space, or write elsewhere with --output.'
          : 'Name a file in a directory that you may write to, with --output.',
      },
    );
  }
}
