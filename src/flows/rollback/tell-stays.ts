import { displayBytes } from '../../core/byte-string.ts';
import type { DirectoryLock, Rescued } from '../../core/rollback/port.ts';
import type { Context } from '../context.ts';

/** Tells of old content that should have gone and is still there, since somebody writes to it. */
export function tellStays(ctx: Pick<Context, 'note'>, { stays }: Rescued): void {
  for (const { path, programs, goesLater } of stays) {
    const names = programs.map(displayBytes).join(', ');
    const why = goesLater
      ? `at work in it: ${names}. A later rollback removes it, and keeps what was written there`
      : `${names === '' ? 'something that cannot be seen' : names} went on writing to it. Stop that, take out what you need, and remove the rest`;
    ctx.note(`warning: '${displayBytes(path)}' is not removed: ${why}`);
  }
}

/** Removes what earlier rollbacks had to leave, as far as that can go now, and tells what is kept of it and what still stays. */
export function clearUp(ctx: Pick<Context, 'note' | 'randomHex'>, lock: Pick<DirectoryLock, 'clearUp'>): void {
  const rescued = lock.clearUp(ctx.randomHex(16));
  for (const { path, keptAs } of rescued.files) {
    ctx.note(
      `warning: what was written to '${displayBytes(path)}' of an old release is kept in '${displayBytes(keptAs)}'`,
    );
  }
  tellStays(ctx, rescued);
}
