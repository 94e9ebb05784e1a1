import { handle } from '../handler.ts';
import { runShare } from '../run-share.ts';
import { PUSH } from '../specs/share.ts';

/** `git snapshot push`. */
export const push = handle(PUSH, (run) => runShare(run, 'push'));
