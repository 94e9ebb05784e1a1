import { displayBytes } from '../../core/byte-string.ts';
import type { Rescued } from '../../core/rollback/port.ts';
import type { Context } from '../context.ts';

/** Tells of old content that is still there, since programs are at work in it. */
export function tellStays(ctx: Context, { stays }: Rescued): void {
  for (const { path, programs } of stays) {
    const name = `'${displayBytes(path)}'`;
    if (programs.length === 0)
      ctx.note(
        `warning: something went on writing in ${name}: it stays there. Stop what writes, take what you need of it, and remove the rest`,
      );
    else
      ctx.note(
        `warning: ${name} stays for now, since programs are at work in it: ${programs.map(displayBytes).join(', ')}. A later rollback removes it, and keeps what they wrote`,
      );
  }
}
