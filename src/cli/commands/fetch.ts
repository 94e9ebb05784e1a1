import { handle } from '../handler.ts';
import { runShare } from '../run-share.ts';
import { FETCH } from '../specs/share.ts';

/** `git snapshot fetch`. */
export const fetch = handle(FETCH, (run) => runShare(run, 'fetch'));
