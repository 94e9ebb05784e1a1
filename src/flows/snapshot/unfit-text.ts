import { displayBytes } from '../../core/byte-string.ts';
import type { UnfitPath } from '../../core/workdir.ts';
import type { Context } from '../context.ts';

/** How many are named. */
const MAX_NAMED = 3;

/** Tells, in one line, of what no snapshot can hold. @param fate - what becomes of it, as the end of a sentence about them all */
export function tellUnfit(ctx: Pick<Context, 'note' | 'hasStandIns'>, unfit: readonly UnfitPath[], fate: string): void {
  if (unfit.length === 0 || ctx.hasStandIns === true) return;
  const named = unfit.slice(0, MAX_NAMED).map(({ path, what }) => `'${displayBytes(path)}' (${what})`);
  const more = unfit.length > named.length ? ` and ${unfit.length - named.length} more` : '';
  ctx.note(`warning: no snapshot can hold ${named.join(', ')}${more}: ${fate}`);
}

/** Of a rollback. */
export const LEFT_ALONE = 'left alone';
/** Of what compares the directory with a snapshot. */
export const NOT_COMPARED = '"git snapshot create" refuses such things, and a rollback leaves them alone';
