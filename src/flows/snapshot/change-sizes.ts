import { DIRECTORY, fileType } from '../../core/entry.ts';
import type { Oid } from '../../core/oid.ts';
import type { PathChange } from '../../core/snapshot/changes.ts';
import type { Context } from '../context.ts';
import type { Change } from '../results.ts';
import type { TreeEntry } from './snapshot-entries.ts';

/** Adds sizes to changed entries: from `known` where they are there, else asked of the repository in one pass. */
export async function withSizes(
  ctx: Pick<Context, 'store'>,
  changes: readonly PathChange<TreeEntry>[],
  known: ReadonlyMap<Oid, number>,
): Promise<Change[]> {
  const sides = changes.flatMap(({ from, to }) => [from, to]).filter((side) => side !== undefined);
  const unknown = [
    ...new Set(sides.filter(({ mode, oid }) => fileType(mode) !== DIRECTORY && !known.has(oid)).map(({ oid }) => oid)),
  ];
  const described = await ctx.store.describeObjects(unknown);
  const sized = (side: TreeEntry | undefined) =>
    side && {
      path: side.path,
      mode: side.mode,
      oid: side.oid,
      size: known.get(side.oid) ?? described.get(side.oid)?.size ?? 0,
    };
  return changes.map(({ status, path, from, to }) => ({ status, path, from: sized(from), to: sized(to) }));
}
