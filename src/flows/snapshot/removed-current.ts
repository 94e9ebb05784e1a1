import { SnapshotError } from '../../core/errors.ts';
import type { Ref } from '../../core/ports.ts';
import type { SnapshotFate } from '../../core/retention/ledger.ts';
import type { Workdir } from '../../core/workdir.ts';
import type { Verifying } from '../context.ts';
import { openLog } from '../log/open-log.ts';
import { loadPolicy } from '../policy/load-policy.ts';

/**
 * What became of the snapshot that the directory was on, if it was removed since, as another clone's pruning does. Undefined:
 * it is there, or it is not known which it was.
 */
export async function removedCurrent(
  ctx: Verifying,
  { set, workdir, refs }: { readonly set: string; readonly workdir: Workdir; readonly refs: readonly Ref[] },
): Promise<SnapshotFate | undefined> {
  const tag = await workdir.readExpected();
  if (tag === undefined || refs.some(({ oid }) => oid === tag)) return undefined;
  const log = await openLog(ctx, await loadPolicy(ctx));
  return log.retention.fates(set).find(({ snapshot, place }) => snapshot.tag === tag && place !== 'kept');
}

/**
 * Refuses to take another snapshot for the one that the directory was on.
 *
 * @throws {SnapshotError} of kind `not-found` if that was removed
 */
export async function requireCurrentKept(ctx: Verifying, place: Parameters<typeof removedCurrent>[1]): Promise<void> {
  const removed = await removedCurrent(ctx, place);
  if (removed !== undefined) throw currentIsRemoved(removed);
}

/** What is said of a snapshot that the directory was on, and that was removed. */
export function currentIsRemoved({ snapshot: { id }, place }: SnapshotFate): SnapshotError {
  return new SnapshotError('not-found', `the directory was on ${id}, ${PLACES[place]}`, {
    hint:
      place === 'trash'
        ? `Bring it back with "git snapshot undelete ${id}", or name another snapshot.`
        : 'Name another snapshot; see "git snapshot list".',
  });
}

const PLACES: Readonly<Record<SnapshotFate['place'], string>> = {
  kept: 'which is kept',
  trash: 'which is in the trash',
  dropped: 'which was pruned for good',
  erased: 'which was erased',
};
