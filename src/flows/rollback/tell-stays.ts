import { displayBytes } from '../../core/byte-string.ts';
import type { Rescued } from '../../core/rollback/port.ts';
import type { Context } from '../context.ts';

/** Tells of old content that should have gone and is still there, since somebody writes to it. */
export function tellStays(ctx: Pick<Context, 'note'>, { stays }: Rescued): void {
  for (const { path, programs } of stays) {
    const why =
      programs.length === 0
        ? 'something that cannot be seen went on writing to it. Stop that, take out what you need, and remove the rest'
        : `at work in it: ${programs.map(displayBytes).join(', ')}. A later rollback removes it, and keeps what was written there`;
    ctx.note(`warning: '${displayBytes(path)}' is not removed: ${why}`);
  }
}
