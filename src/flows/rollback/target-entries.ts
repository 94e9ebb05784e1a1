import type { Entry } from '../../core/entry.ts';
import { DIRECTORY, fileType } from '../../core/entry.ts';
import { MalformedError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { TargetEntry } from '../../core/rollback/plan.ts';
import type { CachedEntry, Workdir } from '../../core/workdir.ts';
import type { Context } from '../context.ts';
import type { SetContent } from '../snapshot/read-set.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import type { TreeEntry } from '../snapshot/snapshot-entries.ts';
import { snapshotEntries } from '../snapshot/snapshot-entries.ts';
import { refuseLinks } from '../verify/refuse-links.ts';

/** What a path should hold: what it holds already, the content of which is known, or something that has to be staged. */
export type WantedEntry = CachedEntry | (TargetEntry & { readonly sha256?: undefined });

/**
 * What a snapshot holds, sorted by path. Where the directory holds the same, it is the directory's own entry: whoever
 * compares the two sees it by one look, and what is known of its content is known without a search.
 *
 * @throws {MalformedError} where something of it is not in the repository, or a link in it leads out of the set
 */
export async function targetEntries(
  ctx: Context,
  stored: StoredSnapshot,
  at: { live: Pick<SetContent, 'entries' | 'cached'>; workdir: Pick<Workdir, 'digestManifest'> },
): Promise<WantedEntry[]> {
  const { live } = at;
  const listed = await listEntries(ctx, stored, at);
  const differing: TreeEntry[] = [];
  let next = 0;
  const same: (CachedEntry | undefined)[] = [];
  for (const entry of listed) {
    let there = live.entries[next];
    while (there !== undefined && there.path < entry.path) there = live.entries[++next];
    if (there?.path === entry.path && contradicts(there, entry))
      return targetEntries(ctx, stored, { ...at, live: { entries: live.entries, cached: undefined } });
    const isThere = there !== undefined && isSame(there, entry);
    same.push(isThere ? there : undefined);
    if (!isThere) differing.push(entry);
  }
  await refuseLinks(ctx, differing, `'${stored.ref}'`);
  const sizes = await contentSizes(ctx, stored, differing);
  return listed.map(
    (entry, i): WantedEntry =>
      same[i] ?? { path: entry.path, mode: entry.mode, oid: entry.oid, size: sizes.get(entry.oid) ?? 0 },
  );
}

function isSame(there: CachedEntry, entry: TreeEntry): boolean {
  return there === entry || (there.path === entry.path && there.mode === entry.mode && there.oid === entry.oid);
}

/** Whether one object would have two contents: then somebody changed the stat cache, which the manifest cannot show. */
function contradicts(there: CachedEntry, entry: TreeEntry | Entry): boolean {
  return 'sha256' in entry && there !== entry && there.oid === entry.oid && there.sha256 !== entry.sha256;
}

/**
 * The entries from the stat cache, if that describes this very snapshot, which the signed manifest proves; else those of
 * the trees.
 */
async function listEntries(
  ctx: Context,
  { snapshot, ref }: StoredSnapshot,
  { live: { cached }, workdir }: { live: Pick<SetContent, 'cached'>; workdir: Pick<Workdir, 'digestManifest'> },
): Promise<readonly (TreeEntry | Entry)[]> {
  const { tree, modes, manifest } = snapshot;
  if (cached?.baseline.manifest === manifest && workdir.digestManifest(cached.entries) === manifest)
    return cached.entries;
  return (await snapshotEntries(ctx, { tree, modes, what: `'${ref}'` })).entries;
}

async function contentSizes(
  ctx: Context,
  { ref }: StoredSnapshot,
  entries: readonly TreeEntry[],
): Promise<ReadonlyMap<Oid, number>> {
  const oids = new Set<Oid>();
  for (const { mode, oid } of entries) if (fileType(mode) !== DIRECTORY) oids.add(oid);
  const described = await ctx.store.describeObjects([...oids]);
  const sizes = new Map<Oid, number>();
  for (const oid of oids) {
    const object = described.get(oid);
    if (object?.type !== 'blob') {
      throw new MalformedError(
        `'${ref}'`,
        object === undefined
          ? `its content ${oid} is not in this repository`
          : `${oid} is a ${object.type}, not a blob`,
        {
          hint: 'Nothing was changed. Fetch the snapshot again from a complete clone.',
        },
      );
    }
    sizes.set(oid, object.size);
  }
  return sizes;
}
