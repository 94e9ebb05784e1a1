import { DIRECTORY, fileType } from '../../core/entry.ts';
import { MalformedError, MissingObjectError, SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { BlobDigest } from '../../core/ports.ts';
import { countContent, formatManifest } from '../../core/snapshot/manifest.ts';
import { manifestLines } from '../../core/snapshot/manifest-lines.ts';
import type { Verifying } from '../context.ts';
import type { CheckResult } from '../results.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import type { TreeEntry } from '../snapshot/snapshot-entries.ts';
import { snapshotEntries } from '../snapshot/snapshot-entries.ts';
import { refuseLinks } from './refuse-links.ts';

/** What was read of the content of snapshots. */
interface Content {
  /** What each snapshot's tree lists; or why it is no tree of a snapshot. */
  readonly listed: ReadonlyMap<StoredSnapshot, Awaited<ReturnType<typeof snapshotEntries>> | SnapshotError>;
  readonly digests: ReadonlyMap<Oid, BlobDigest>;
  readonly faults: ReadonlyMap<Oid, string>;
}

/** Reads trees, and reads and hashes every blob in them, those that snapshots share once. */
export async function readContent(ctx: Verifying, snapshots: readonly StoredSnapshot[]): Promise<Content> {
  const listed = new Map<StoredSnapshot, Awaited<ReturnType<typeof snapshotEntries>> | SnapshotError>();
  const blobs = new Set<Oid>();
  for (const stored of snapshots) {
    const { tree, modes } = stored.snapshot;
    try {
      const found = await snapshotEntries(ctx, { tree, modes, what: `'${stored.ref}'` });
      await refuseLinks(ctx, found.entries, `'${stored.ref}'`);
      for (const { mode, oid } of found.entries) if (fileType(mode) !== DIRECTORY) blobs.add(oid);
      listed.set(stored, found);
    } catch (error) {
      if (!(error instanceof MalformedError) && !(error instanceof MissingObjectError)) throw error;
      listed.set(stored, error);
    }
  }
  return { listed, ...(await ctx.store.digestBlobs([...blobs], ctx.report.phase('Reading content'))) };
}

/** Adds the checks of content: that the tree is whole, that every object is what its name says, that the manifest is the signed one. */
export function checkContent(
  ctx: Verifying,
  verdicts: readonly { snapshot: StoredSnapshot; checks: CheckResult[] }[],
  { listed, digests, faults }: Content,
): void {
  for (const { snapshot: stored, checks } of verdicts) {
    const found = listed.get(stored);
    if (found === undefined || found instanceof SnapshotError) {
      checks.push({ check: 'tree', ok: false, detail: found?.message ?? 'was not read' });
      continue;
    }
    const { entries, trees } = found;
    checks.push({ check: 'tree', ok: true, detail: `${count(trees.size, 'tree')}, every name allowed` });
    checks.push(...contentChecks(ctx, { stored, entries, digests, faults }));
  }
}

function contentChecks(
  ctx: Verifying,
  {
    stored: { snapshot },
    entries,
    digests,
    faults,
  }: {
    stored: StoredSnapshot;
    entries: readonly TreeEntry[];
    digests: ReadonlyMap<Oid, BlobDigest>;
    faults: ReadonlyMap<Oid, string>;
  },
): CheckResult[] {
  const bad = faults.size === 0 ? [] : entries.filter(({ oid }) => faults.has(oid));
  if (bad.length > 0) {
    const some = bad.slice(0, 3).map(({ oid }) => `${oid}: ${faults.get(oid) ?? ''}`);
    return [
      {
        check: 'content',
        ok: false,
        detail: `${bad.length} of ${count(entries.length, 'entry', 'entries')} cannot be read: ${some.join('; ')}`,
      },
    ];
  }
  const empty: BlobDigest = { sha256: ctx.digest.sha256(''), size: 0 };
  const lines = () => manifestLines(entries, { digests, empty });
  const { files, bytes } = countContent(lines());
  const manifest = ctx.digest.sha256(formatManifest(lines()));
  const counts = `${count(files, 'file')}, ${count(bytes, 'byte')}`;
  const sameCounts = files === snapshot.files && bytes === snapshot.bytes;
  return [
    { check: 'content', ok: true, detail: `${counts} read, every object has the name it is known by` },
    manifest === snapshot.manifest && sameCounts
      ? { check: 'manifest', ok: true, detail: `sha256:${manifest}` }
      : {
          check: 'manifest',
          ok: false,
          detail: `the content gives sha256:${manifest} (${counts}), signed is sha256:${snapshot.manifest} (${count(snapshot.files, 'file')}, ${count(snapshot.bytes, 'byte')})`,
        },
  ];
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
