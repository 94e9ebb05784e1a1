import { type ErrorKind, SnapshotError } from '../../core/errors.ts';

/** Of what reads files and writes objects: the disk, or another program. */
const KINDS: readonly ErrorKind[] = ['config', 'conflict', 'git', 'unfinished'];

/**
 * Does something that changes nothing which people would miss, and has its errors say so: who reads of a disk that is full
 * wants to know first what state things are in.
 *
 * @param state - a sentence, such as `The directory was not changed.`
 */
export async function toldUnchanged<T>(state: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof SnapshotError) || !KINDS.includes(error.kind)) throw error;
    const { kind, message, hint = '' } = error;
    if (/nothing was changed|not changed/i.test(message + hint)) throw error;
    throw new SnapshotError(kind, message, { cause: error, hint: `${hint} ${state}`.trim() });
  }
}
