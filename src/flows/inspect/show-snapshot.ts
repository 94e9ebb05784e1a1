import type { Entry } from '../../core/entry.ts';
import { DIRECTORY, fileType } from '../../core/entry.ts';
import { MalformedError } from '../../core/errors.ts';
import { formatManifest } from '../../core/snapshot/manifest.ts';
import type { SnapshotInfo } from '../../core/snapshot/snapshot-info.ts';
import type { Context } from '../context.ts';
import { openLog } from '../log/open-log.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { ShowResult } from '../results.ts';
import type { SnapshotChoice } from '../snapshot/choose-snapshot.ts';
import { chooseSnapshot } from '../snapshot/choose-snapshot.ts';
import { snapshotInfo } from '../snapshot/read-snapshots.ts';
import { snapshotEntries } from '../snapshot/snapshot-entries.ts';

/** All that a snapshot's tag says, and its event. Believes both: `verify` judges. */
export async function showSnapshot(ctx: Context, choice: SnapshotChoice): Promise<ShowResult> {
  const info = snapshotInfo(ctx, await chooseSnapshot(ctx, choice));
  const { events } = await openLog(ctx, await loadPolicy(ctx));
  const logged = events.find(({ event }) => event.type === 'snapshot' && event.snapshot.payload === info.payload);
  if (logged?.event.type !== 'snapshot') return { ...info, kinds: undefined, changes: undefined };
  return { ...info, kinds: logged.event.kinds, changes: logged.event.changes };
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
  const entries = listed.map((entry) => ({
    ...entry,
    ...(fileType(entry.mode) === DIRECTORY ? empty : (digests.get(entry.oid) ?? empty)),
  }));
  const manifest = ctx.digest.sha256(formatManifest(entries));
  if (manifest !== snapshot.manifest) {
    throw new MalformedError(
      `'${ref}'`,
      `the content gives the manifest sha256:${manifest}, signed is sha256:${snapshot.manifest}`,
    );
  }
  return { info: snapshotInfo(ctx, stored), entries };
}
