import { SnapshotError } from '../../core/errors.ts';
import type { Ref } from '../../core/ports.ts';
import { LOG_REF } from '../../core/refs.ts';
import { REHEARSAL_LABEL } from '../../core/snapshot/label.ts';
import type { Workdir } from '../../core/workdir.ts';
import type { Context, GovernedSet } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { findSnapshotOf, keepAsSnapshot } from '../snapshot/keep-as-snapshot.ts';
import { currentSnapshot } from '../snapshot/live-changes.ts';
import type { SetContent } from '../snapshot/read-set.ts';
import { baselineOf, readSet } from '../snapshot/read-set.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';

/** The directory that is to be copied. */
export interface LiveDirectory {
  readonly trusted: TrustedPolicy;
  readonly set: GovernedSet;
  readonly workdir: Workdir;
  /** What it holds, read as a whole. */
  readonly live: SetContent;
  /** Of the snapshots of the set. */
  readonly refs: readonly Ref[];
}

/** The snapshot that a copy is made from, and whether it had to be taken for that. */
export async function snapshotOfLive(
  ctx: Context,
  directory: LiveDirectory,
): Promise<{ readonly stored: StoredSnapshot; readonly isTaken: boolean }> {
  const known = await findSnapshotOf(ctx, directory);
  if (known !== undefined) return { stored: known, isTaken: false };
  return { stored: await takeOne(ctx, directory), isTaken: true };
}

async function takeOne(ctx: Context, { trusted, set, workdir, live, refs }: LiveDirectory): Promise<StoredSnapshot> {
  const logBefore = await ctx.store.readRef(LOG_REF);
  const aliveTags = new Set(refs.map(({ oid }) => oid));
  const reading = await readSet(ctx, workdir, { store: true, full: true, aliveTags, unfit: 'leave-alone' });
  if (reading.outcome === 'unchanged') throw new Error('a full reading has content');
  try {
    const { content } = reading;
    if (content.manifest !== live.manifest) throw isChanging(set);
    await reading.keep();
    // What the directory should be stays what it is: not the automatic snapshot, which becomes the newest.
    const current = await currentSnapshot(ctx, workdir, { set: set.name, refs });
    if (current !== undefined) await workdir.setExpected(current.tag);
    const message = { subject: 'Before a rehearsal', body: undefined };
    const stored = await keepAsSnapshot(ctx, {
      trusted,
      set,
      live: content,
      refs,
      message,
      label: REHEARSAL_LABEL,
      logBefore,
    });
    await workdir.saveBaseline(baselineOf(stored.tag, content), content.entries, content.trees);
    return stored;
  } finally {
    await reading.abandon();
  }
}

function isChanging(set: GovernedSet): SnapshotError {
  return new SnapshotError('conflict', `the directory of the set '${set.name}' changes while it is read`, {
    hint: 'Stop what writes there, or run this again. Nothing was rehearsed.',
  });
}
