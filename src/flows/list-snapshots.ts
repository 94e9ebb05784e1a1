import { parseSnapshotRef } from '../core/refs.ts';
import type { Label } from '../core/snapshot/label.ts';
import type { Context } from './context.ts';
import { listSnapshotRefs, readSnapshots, snapshotInfo } from './read-snapshots.ts';
import type { SnapshotInfo } from './results.ts';

/** Which snapshots to list. */
export interface ListOptions {
  readonly set: string | undefined;
  readonly limit: number | undefined;
  /** All of these. */
  readonly labels: readonly Label[];
  readonly sinceSec: number | undefined;
}

/** Lists snapshots, newest first. Reads their tags only, and believes them: `verify` judges. */
export async function listSnapshots(
  ctx: Context,
  { set, limit, labels, sinceSec }: ListOptions,
): Promise<SnapshotInfo[]> {
  const idOf = (name: string) => parseSnapshotRef(name)?.id ?? '';
  let refs = (await listSnapshotRefs(ctx, set)).sort((a, b) => (idOf(a.name) < idOf(b.name) ? 1 : -1));
  if (labels.length === 0 && sinceSec === undefined && limit !== undefined) refs = refs.slice(0, limit);
  const { snapshots, malformed } = await readSnapshots(ctx, refs);
  for (const { ref, reason } of malformed) ctx.note(`warning: '${ref}' is left out: ${reason}`);
  return snapshots
    .filter(({ snapshot }) => sinceSec === undefined || snapshot.tagger.atSec >= sinceSec)
    .filter(({ snapshot }) =>
      labels.every((wanted) => snapshot.labels.some(({ key, value }) => key === wanted.key && value === wanted.value)),
    )
    .slice(0, limit)
    .map((stored) => snapshotInfo(ctx, stored));
}
