import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { displayBytes, utf8Encode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Output } from '../terminal/output.ts';
import { replaceFile } from './replace-file.ts';

/** How standard output is named where a file could be. */
export const STANDARD_OUTPUT = '-';

/** Where a page goes: a file, or standard output. */
export interface PageTarget {
  /** As it was typed. */
  readonly name: string;
  /** Absolute; undefined for standard output. */
  readonly path: string | undefined;
}

/** What the pages of one run share. */
export interface PageSurroundings {
  readonly directory: string;
  readonly out: Pick<Output, 'settings'>;
}

/**
 * Where the pages of a run go, looked at before anything is done: that each can be written, that standard output takes one
 * report only, and that no two are one file. `-` is standard output.
 *
 * @param names - as they were typed; undefined for a page that nobody asked for
 * @throws {SnapshotError} of kind `usage`, or `git` where a directory is there and may not be written to
 */
export async function openPages<const Names extends readonly (string | undefined)[]>(
  names: Names,
  { directory, out }: PageSurroundings,
): Promise<{ readonly [Place in keyof Names]: PageTarget | undefined }> {
  const targets = names.map((name): PageTarget | undefined =>
    name === undefined ? undefined : { name, path: name === STANDARD_OUTPUT ? undefined : resolve(directory, name) },
  );
  const asked = targets.filter((target) => target !== undefined);
  const printed = asked.filter(({ path }) => path === undefined).length;
  if (printed > (out.settings.json ? 0 : 1))
    throw new SnapshotError('usage', 'standard output can take one report only', {
      hint: 'Name a file for the other, or leave --json out.',
    });
  const files: string[] = [];
  for (const { path } of asked) if (path !== undefined) files.push(await explaining(path, () => checkTarget(path)));
  if (new Set(files).size < files.length)
    throw new SnapshotError('usage', 'two pages cannot be written to one file', { hint: 'Name a file for each.' });
  return targets as { [Place in keyof Names]: PageTarget | undefined };
}

/** Whether one of these pages takes the place of the result on standard output. */
export function isPrinted(...targets: readonly (PageTarget | undefined)[]): boolean {
  return targets.some((target) => target !== undefined && target.path === undefined);
}

/**
 * Puts a page where it belongs, whole or not at all: whoever reads there sees what was there before, or all of the page.
 *
 * @param options.mode - permission bits, whatever the umask says (default: as it says)
 * @throws {SnapshotError} of kind `usage` where no such file can be, or `git` where writing failed
 */
export async function writePage(
  out: Pick<Output, 'bytes'>,
  { path }: PageTarget,
  { text, mode }: { readonly text: string; readonly mode?: number },
): Promise<void> {
  if (path === undefined) out.bytes(Buffer.from(text));
  else await explaining(path, () => replaceFile(path, text, mode));
}

/** @returns the file that the path leads to, through links, or will be; the path itself for a device or a pipe */
async function checkTarget(path: string): Promise<string> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found?.isDirectory()) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
  if (found !== undefined && !found.isFile()) {
    await access(path, constants.W_OK);
    return path;
  }
  const target = found === undefined ? join(await realpath(dirname(path)), basename(path)) : await realpath(path);
  // Another file is put in place of the one that is there: it is the directory that is written to.
  await access(dirname(target), constants.W_OK);
  return target;
}

async function explaining<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error;
    const { kind, reason, hint } = FAULTS[error.code] ?? { ...UNWRITABLE, reason: error.code };
    throw new SnapshotError(kind, `cannot write '${displayBytes(utf8Encode(path))}': ${reason}`, {
      cause: error,
      hint,
    });
  }
}

interface Fault {
  readonly kind: 'usage' | 'git';
  readonly reason: string;
  readonly hint: string;
}

const MISNAMED = { kind: 'usage', hint: 'Name a file in a directory that is there.' } as const;
const UNWRITABLE = { kind: 'git', hint: 'Name a file on a disk that can be written to.' } as const;

const FAULTS: Readonly<Record<string, Fault>> = {
  ENOENT: { ...MISNAMED, reason: 'no such directory' },
  EISDIR: { ...MISNAMED, reason: 'it is a directory' },
  ENOTDIR: { ...MISNAMED, reason: 'its path leads through a file' },
  EACCES: { kind: 'git', reason: 'permission denied', hint: 'Name a file in a directory that you may write to.' },
  EROFS: { ...UNWRITABLE, reason: 'the file system is read-only' },
  ENOSPC: { kind: 'git', reason: 'no space left', hint: 'Make room, or name a file on another disk.' },
  EIO: { ...UNWRITABLE, reason: 'the disk failed' },
};
