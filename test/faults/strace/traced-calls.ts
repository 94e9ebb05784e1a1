import { isAbsolute } from 'node:path';

/** System calls that change a disk, or make a change last. `openat` is one where it makes or empties a file. */
export const WRITING_CALLS = [
  'openat',
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  'ftruncate',
  'fallocate',
  'copy_file_range',
  'rename',
  'renameat',
  'renameat2',
  'link',
  'linkat',
  'symlink',
  'symlinkat',
  'unlink',
  'unlinkat',
  'mkdir',
  'mkdirat',
  'rmdir',
  'chmod',
  'fchmod',
  'fchmodat',
  'utimensat',
  'fsync',
  'fdatasync',
  'sync_file_range',
  'syncfs',
] as const;
export type WritingCall = (typeof WRITING_CALLS)[number];

/** One line of a trace that strace wrote with `-y`. */
export interface TracedCall {
  readonly name: WritingCall;
  /** What it works on, as strace says it: absolute, or relative to where the process is. */
  readonly path: string;
  /** Whether it changes what is on the disk that is watched. One that failed by itself does not. */
  readonly writes: boolean;
  /** Whether it is where the fault came. */
  readonly isFaulted: boolean;
}

const LINE = /^([a-z0-9_]+)\((.*)\) += (-?\d+|\?)(.*)$/;

/**
 * The calls in the trace of one thread, in order.
 *
 * @param disk - absolute; only what is below it counts, and what is named from within (as git does)
 */
export function parseTrace(trace: string, disk: string): TracedCall[] {
  const calls: TracedCall[] = [];
  for (const line of trace.split('\n')) {
    const [, word = '', given = '', result = '', rest = ''] = LINE.exec(line) ?? [];
    const name = WRITING_CALLS.find((known) => known === word);
    if (name === undefined) continue;
    const path = pathOf(given);
    const isFaulted = result === '?' || rest.includes('(INJECTED)');
    const isBelow = path !== undefined && (isAbsolute(path) ? path.startsWith(`${disk}/`) : path !== '');
    const makes = name !== 'openat' || /\bO_(CREAT|TRUNC)\b/.test(given);
    calls.push({
      name,
      path: path ?? '',
      writes: isBelow && makes && (isFaulted || !result.startsWith('-')),
      isFaulted,
    });
  }
  return calls;
}

/** The file that a descriptor is of, or the first path that is named. */
function pathOf(given: string): string | undefined {
  const descriptor = /^\d+<(.*?)>(?:,|$)/.exec(given)?.[1];
  if (descriptor !== undefined) return isAbsolute(descriptor) ? descriptor : undefined;
  return /"((?:[^"\\]|\\.)*)"/.exec(given)?.[1];
}
