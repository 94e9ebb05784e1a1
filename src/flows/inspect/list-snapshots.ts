import type { Ref } from '../../core/ports.ts';
import type { Label } from '../../core/snapshot/label.ts';
import type { Context } from '../context.ts';
import type { SnapshotInfo } from '../results.ts';
import { listSnapshotRefs, readSnapshots, snapshotInfo } from '../snapshot/read-snapshots.ts';

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
  const idOf = ({ name }: Ref) => name.slice(name.lastIndexOf('/') + 1);
  // Newest last in each set already: with one set there is nothing to sort.
  let refs = (await listSnapshotRefs(ctx, set)).reverse().sort((a, b) => (idOf(a) < idOf(b) ? 1 : -1));
  if (labels.length === 0 && sinceSec === undefined && limit !== undefined) refs = refs.slice(0, limit);
  const infos = await readInfos(ctx, refs);
  return infos
    .filter(({ takenAtSec }) => sinceSec === undefined || takenAtSec >= sinceSec)
    .filter((info) =>
      labels.every((wanted) => info.labels.some(({ key, value }) => key === wanted.key && value === wanted.value)),
    )
    .slice(0, limit);
}

/** So few tags are read faster than a file that remembers all. */
const FEW = 64;

/** What the tags of these refs say, in their order: remembered from the last listing, or read now. */
async function readInfos(ctx: Context, refs: readonly Ref[]): Promise<SnapshotInfo[]> {
  const cache = refs.length > FEW ? await ctx.listings() : undefined;
  const known = cache?.read();
  const remembered = ({ name, oid }: Ref) => (known?.get(oid)?.ref === name ? known.get(oid) : undefined);
  const unknown = refs.filter((ref) => remembered(ref) === undefined);
  const { snapshots, malformed } = await readSnapshots(ctx, unknown);
  for (const { ref, reason } of malformed) ctx.note(`warning: '${ref}' is left out: ${reason}`);
  const read = new Map(snapshots.map((stored) => [stored.ref, snapshotInfo(ctx, stored)]));
  if (read.size > 0) {
    const rows = new Map(known);
    for (const info of read.values()) rows.set(info.tag, info);
    cache?.write([...rows.values()]);
  }
  return refs.flatMap((ref) => remembered(ref) ?? read.get(ref.name) ?? []);
}
