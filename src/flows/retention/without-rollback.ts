import type { ByteString } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { DirectoryLock, DirectoryReplacer } from '../../core/rollback/port.ts';
import type { Context } from '../context.ts';
import { lockSet } from '../rollback/lock-set.ts';
import { clearUp } from '../rollback/tell-stays.ts';
import { unfinishedError } from '../rollback/unfinished-error.ts';
import type { RetentionScene } from './scene.ts';

/**
 * Does something while no rollback can begin in the set's directory, in any working tree of the repository, and then removes what
 * rollbacks had to leave there.
 *
 * @throws {SnapshotError} `unfinished`, `conflict`
 */
export async function withoutRollback<T>(
  { ctx, set }: Pick<RetentionScene, 'ctx' | 'set'>,
  act: () => Promise<T>,
): Promise<T> {
  const directories = await directoriesOf({ ctx, set });
  const locks = await lockAll(ctx, directories);
  try {
    for (const [i, lock] of locks.entries()) {
      if (lock.pending() !== undefined) throw unfinishedError({ set: set.name, directory: directories[i]?.directory });
    }
    const done = await act();
    for (const lock of locks) clearUp(ctx, lock);
    return done;
  } finally {
    for (const lock of locks) lock.release();
  }
}

interface SetDirectory {
  /** The working tree, where it is another one. */
  readonly directory: ByteString | undefined;
  readonly replacer: DirectoryReplacer;
}

/** The set's directories, in all working trees of the repository. */
async function directoriesOf({ ctx, set }: Pick<RetentionScene, 'ctx' | 'set'>): Promise<readonly SetDirectory[]> {
  const own = ctx.isBare ? [] : [{ directory: undefined, replacer: await ctx.replacer(set) }];
  return [...own, ...(await ctx.elsewhere(set))];
}

/** How often a lock is tried for: others who prune hold it for moments. */
const LOCK_ATTEMPTS = 100;
const LOCK_WAIT_MS = 100;

/** All or none, while others wait for some of them. */
async function lockAll(ctx: Context, directories: readonly SetDirectory[]): Promise<readonly DirectoryLock[]> {
  for (let tries = 1; ; tries++) {
    const locks: DirectoryLock[] = [];
    try {
      for (const { replacer } of directories) locks.push(lockSet(replacer));
      return locks;
    } catch (error) {
      for (const lock of locks) lock.release();
      const isHeld = error instanceof SnapshotError && (error.kind === 'conflict' || error.kind === 'unfinished');
      if (!isHeld || tries === LOCK_ATTEMPTS) throw error;
      await ctx.sleep(LOCK_WAIT_MS);
    }
  }
}

/** A rollback that is still to be finished needs snapshots that nothing else may need. @throws {SnapshotError} `unfinished` */
export async function requireNoRollback(scene: Pick<RetentionScene, 'ctx' | 'set'>): Promise<void> {
  for (const { directory, replacer } of await directoriesOf(scene)) {
    const unfinished = replacer.unfinished();
    if (unfinished !== undefined) throw unfinishedError({ ...unfinished, directory });
  }
}
