import { type ErrorKind, SnapshotError } from '../core/errors.ts';
import { ANSWER_IS_NO, BUG } from './exit-code.ts';

/** Every code that the programs end with. `kind` is the error that leads to it. */
export const EXIT_CODES = [
  { code: 0, kind: undefined, meaning: 'done' },
  {
    code: 1,
    kind: undefined,
    meaning: 'the answer is no: verification failed, the directory differs, or a question was answered with no',
  },
  { code: 2, kind: 'usage', meaning: 'the command line is wrong' },
  { code: 3, kind: 'config', meaning: 'the configuration or the policy is wrong or missing' },
  { code: 4, kind: 'not-found', meaning: 'there is no such snapshot, object or file, or no repository' },
  { code: 5, kind: 'conflict', meaning: 'something changed underneath, or another command is working on the set' },
  { code: 6, kind: 'untrusted', meaning: 'a signature, a hash or a format is not what it must be' },
  { code: 7, kind: 'gate', meaning: 'a gate said no' },
  { code: 8, kind: 'git', meaning: 'git failed, or the output could not be written' },
  {
    code: 9,
    kind: 'unfinished',
    meaning:
      'a rollback has begun and not ended: wait while it runs; if it was interrupted, continue or abort it first',
  },
  { code: 70, kind: undefined, meaning: 'a bug in git-snapshot' },
  { code: 130, kind: 'interrupted', meaning: 'interrupted' },
] as const satisfies readonly { code: number; kind: ErrorKind | undefined; meaning: string }[];

/** The code that an error ends the program with. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof DeclinedError) return ANSWER_IS_NO;
  if (!(error instanceof SnapshotError)) return BUG;
  return EXIT_CODES.find(({ kind }) => kind === error.kind)?.code ?? BUG;
}

/** Somebody was asked and said no. */
export class DeclinedError extends Error {
  override readonly name = 'DeclinedError';

  constructor() {
    super('not confirmed, nothing was changed');
  }
}
