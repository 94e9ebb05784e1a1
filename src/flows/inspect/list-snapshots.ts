import type { GitStore, Ref } from '../../core/ports.ts';
import type { Label } from '../../core/snapshot/label.ts';
import type { SnapshotInfo, SnapshotSummary } from '../../core/snapshot/snapshot-info.ts';
import type { Context, ListingCache } from '../context.ts';
import { listSnapshotRefs } from '../snapshot/list-snapshot-refs.ts';

/** Which snapshots to list. */
export interface ListOptions {
  readonly set: string | undefined;
  readonly limit: number | undefined;
  /** All of these. */
  readonly labels: readonly Label[];
  readonly sinceSec: number | undefined;
}

/** What a listing needs of the world while it finds all in what was remembered: so little, since it is to be there at once. */
export interface Listing {
  readonly listRefs: GitStore['listRefs'];
  readonly summaries: () => Promise<ListingCache<SnapshotSummary>>;
  readonly note: (text: string) => void;
  /** All else, for when a tag is to be read. */
  readonly whole: () => Promise<Pick<Context, 'store' | 'digest'>>;
}

/** Lists snapshots, newest first. Reads their tags only, and believes them: `verify` judges. */
export async function listSnapshots(ctx: Context, options: ListOptions): Promise<SnapshotInfo[]> {
  return list(listingOf(ctx), options, { cache: await ctx.listings(), rowOf: (info) => info });
}

/** As {@link listSnapshots}, with what tables show: of many, that is remembered in a third of the room. */
export async function summarizeSnapshots(listing: Listing, options: ListOptions): Promise<SnapshotSummary[]> {
  return list<SnapshotSummary>(listing, options, { cache: await listing.summaries(), rowOf: (info) => info });
}

/** Where all else is there anyway. */
export function listingOf(ctx: Context): Listing {
  return {
    listRefs: (prefix) => ctx.store.listRefs(prefix),
    summaries: ctx.summaries,
    note: ctx.note,
    whole: async () => ctx,
  };
}

/** What remembers as much of each snapshot as is asked for. */
interface Rows<Row> {
  readonly cache: ListingCache<Row>;
  rowOf(info: SnapshotInfo): Row;
}

async function list<Row extends SnapshotSummary>(
  listing: Listing,
  { set, limit, labels, sinceSec }: ListOptions,
  rows: Rows<Row>,
): Promise<Row[]> {
  const all = newestFirst(await listSnapshotRefs({ store: listing }, set));
  const isCut = labels.length === 0 && sinceSec === undefined && limit !== undefined && limit < all.length;
  const refs = isCut ? all.slice(0, limit) : all;
  const found = await readRows(listing, refs, { ...rows, isAll: set === undefined && !isCut });
  const since = sinceSec === undefined ? found : found.filter(({ takenAtSec }) => takenAtSec >= sinceSec);
  const labelled = labels.reduce(
    (left, { key, value }) => left.filter((row) => row.labels.some((one) => one.key === key && one.value === value)),
    since,
  );
  return limit === undefined ? labelled : labelled.slice(0, limit);
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

/** So few tags are read as fast as a file is written that remembers them. */
const FEW = 64;

/**
 * What the tags of these refs say, in their order: remembered from the last listing, or read now.
 *
 * @param isAll - whether these are all refs of snapshots: of others there is nothing to remember then
 */
async function readRows<Row extends SnapshotSummary>(
  listing: Listing,
  refs: readonly Ref[],
  { cache, rowOf, isAll }: Rows<Row> & { readonly isAll: boolean },
): Promise<Row[]> {
  const known = cache.find(refs);
  const unknown = refs.filter((_, i) => known[i] === undefined);
  if (unknown.length === 0) return known.filter((row) => row !== undefined);
  const { readSnapshots, snapshotInfo } = await import('../snapshot/read-snapshots.ts');
  const ctx = await listing.whole();
  const { snapshots, malformed } = await readSnapshots(ctx, unknown);
  for (const { ref, reason } of malformed) listing.note(`warning: '${ref}' is left out: ${reason}`);
  const read = new Map(snapshots.map((stored) => [stored.ref, rowOf(snapshotInfo(ctx, stored))]));
  const rows = refs.flatMap(({ name }, i) => known[i] ?? read.get(name) ?? []);
  if (read.size > 0 && (refs.length > FEW || unknown.length < refs.length)) {
    const listed = new Set(refs.map(({ name }) => name));
    cache.write(isAll ? rows : [...rows, ...cache.all().filter(({ ref }) => !listed.has(ref))]);
  }
  return rows;
}
