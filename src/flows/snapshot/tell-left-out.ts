import { displayBytes } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import type { UnfitPath } from '../../core/workdir.ts';
import type { Context } from '../context.ts';

/** How many are named. */
const MAX_NAMED = 3;

/** Tells, in one line, of what no snapshot can hold. @param fate - what becomes of it, as the end of a sentence about them all */
export function tellUnfit(ctx: Pick<Context, 'note' | 'hasStandIns'>, unfit: readonly UnfitPath[], fate: string): void {
  if (unfit.length === 0 || ctx.hasStandIns === true) return;
  const names = unfit.map(({ path, what }) => `'${displayBytes(path)}' (${what})`);
  ctx.note(`warning: no snapshot can hold ${some(names)}: ${fate}`);
}

/**
 * Tells, in one line, of what a snapshot holds and later ones do not.
 *
 * @param paths - see `LiveChanges.nowLeftOut`
 * @param which - the snapshot that does not, with its verb
 */
export function tellNowLeftOut(
  ctx: Pick<Context, 'note'>,
  paths: readonly BytePath[],
  which = 'the next snapshot will not',
): void {
  if (paths.length === 0) return;
  const names = paths.map((path) => `'${displayBytes(path)}'`);
  ctx.note(`warning: rules leave ${some(names)} out by now: ${which} have ${paths.length === 1 ? 'it' : 'them'}`);
}

function some(names: readonly string[]): string {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return `${names.slice(0, MAX_NAMED).join(', ')}${more}`;
}

/** Of a rollback. */
export const LEFT_ALONE = 'left alone';
/** Of what compares the directory with a snapshot. */
export const NOT_COMPARED = '"git snapshot create" refuses such things, and a rollback leaves them alone';
