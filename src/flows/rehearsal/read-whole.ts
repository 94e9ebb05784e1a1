import type { Workdir } from '../../core/workdir.ts';
import type { Context } from '../context.ts';
import type { SetContent } from '../snapshot/read-set.ts';
import { readSet } from '../snapshot/read-set.ts';

/** What a directory holds, every byte of it read now: nothing is taken from the stat cache, and nothing is written. */
export async function readWhole(ctx: Context, workdir: Workdir): Promise<SetContent> {
  const reading = await readSet(ctx, workdir, { store: false, full: true, aliveTags: new Set(), unfit: 'leave-alone' });
  if (reading.outcome === 'unchanged') throw new Error('a full reading has content');
  await reading.abandon();
  return reading.content;
}
