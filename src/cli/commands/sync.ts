import { handle } from '../handler.ts';
import { runShare } from '../run-share.ts';
import { SYNC } from '../specs/share.ts';

/** `git snapshot sync`. */
export const sync = handle(SYNC, (run) => runShare(run, 'push'));
