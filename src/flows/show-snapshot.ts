import type { Entry } from '../core/entry.ts';
import { DIRECTORY, fileType } from '../core/entry.ts';
import { MalformedError } from '../core/errors.ts';
import type { SnapshotChoice } from './choose-snapshot.ts';
import { chooseSnapshot } from './choose-snapshot.ts';
import type { Context } from './context.ts';
import { snapshotInfo } from './read-snapshots.ts';
import type { SnapshotInfo } from './results.ts';
import { snapshotEntries } from './snapshot-entries.ts';

/** All that a snapshot's tag says. */
export async function showSnapshot(ctx: Context, choice: SnapshotChoice): Promise<SnapshotInfo> {
  return snapshotInfo(ctx, await chooseSnapshot(ctx, choice));
}

/**
 * The entries of a snapshot's manifest, computed from its content.
 *
 * @throws {MalformedError} if they do not give the digest that is signed
 */
export async function snapshotManifest(
  ctx: Context,
  choice: SnapshotChoice,
): Promise<{ info: SnapshotInfo; entries: Entry[] }> {
  const stored = await chooseSnapshot(ctx, choice);
  const { snapshot, ref } = stored;
  const { entries: listed } = await snapshotEntries(ctx, {
    tree: snapshot.tree,
    modes: snapshot.modes,
    what: `'${ref}'`,
  });
  const blobs = [...new Set(listed.filter(({ mode }) => fileType(mode) !== DIRECTORY).map(({ oid }) => oid))];
  const { digests, faults } = await ctx.store.digestBlobs(blobs, ctx.report.phase('Reading content'));
  const [fault] = faults;
  if (fault !== undefined) throw new MalformedError(`'${ref}'`, `object ${fault[0]}: ${fault[1]}`);
  const empty = { sha256: ctx.digest.sha256(''), size: 0 };
  return {
    info: snapshotInfo(ctx, stored),
    entries: listed.map((entry) => ({
      ...entry,
      ...(fileType(entry.mode) === DIRECTORY ? empty : (digests.get(entry.oid) ?? empty)),
    })),
  };
}
