import { LOG_REF } from '../core/refs.ts';
import type { Repository } from './open-repository.ts';
import { runGit } from './run-git.ts';

/** What moves the log and signs nothing: a fetch, an import, plain git. */
const TAKEN_OVER = /^snapshot: (?:as '|import )|^(?!snapshot: )/;

/** Whether events were signed in this clone, as far as git remembers what moved the log: it keeps that for 90 days. */
export async function recordedHere({ place }: Repository): Promise<boolean> {
  const args = ['reflog', 'show', '--format=%gs', LOG_REF, '--'];
  const { stdout } = await runGit(place, args, { okCodes: [0, 128] });
  return stdout
    .toString('utf8')
    .split('\n')
    .some((reason) => reason !== '' && !TAKEN_OVER.test(reason));
}
