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
  let refs = newestFirst(await listSnapshotRefs(ctx, set));
  if (labels.length === 0 && sinceSec === undefined && limit !== undefined) refs = refs.slice(0, limit);
  const infos = await readInfos(ctx, refs);
  return infos
    .filter(({ takenAtSec }) => sinceSec === undefined || takenAtSec >= sinceSec)
    .filter((info) =>
      labels.every((wanted) => info.labels.some(({ key, value }) => key === wanted.key && value === wanted.value)),
    )
    .slice(0, limit);
}

/** @param refs - sorted by name, and so by id in each set */
function newestFirst(refs: Ref[]): Ref[] {
  const idAt = ({ name }: Ref) => name.lastIndexOf('/') + 1;
  const [first, last] = [refs[0], refs.at(-1)];
  const reversed = refs.reverse();
  // What is sorted between two refs of one set is of that set too.
  if (first === undefined || last?.name.startsWith(first.name.slice(0, idAt(first)))) return reversed;
  return reversed.sort((a, b) => (a.name.slice(idAt(a)) < b.name.slice(idAt(b)) ? 1 : -1));
}

/** So few tags are read faster than a file that remembers all. */
const FEW = 64;

/** What the tags of these refs say, in their order: remembered from the last listing, or read now. */
async function readInfos(ctx: Context, refs: readonly Ref[]): Promise<SnapshotInfo[]> {
  const cache = refs.length > FEW ? await ctx.listings() : undefined;
  const known = cache?.read();
  const infos = refs.map(({ name, oid }) => {
    const row = known?.get(oid);
    return row?.ref === name ? row : undefined;
  });
  const unknown = refs.filter((_, i) => infos[i] === undefined);
  if (unknown.length === 0) return infos.filter((info) => info !== undefined);
  const { snapshots, malformed } = await readSnapshots(ctx, unknown);
  for (const { ref, reason } of malformed) ctx.note(`warning: '${ref}' is left out: ${reason}`);
  const read = new Map(snapshots.map((stored) => [stored.ref, snapshotInfo(ctx, stored)]));
  if (read.size > 0) {
    const rows = new Map(known);
    for (const info of read.values()) rows.set(info.tag, info);
    cache?.write([...rows.values()]);
  }
  return refs.flatMap(({ name }, i) => infos[i] ?? read.get(name) ?? []);
}
