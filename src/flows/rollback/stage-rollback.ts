import { DIRECTORY, fileType } from '../../core/entry.ts';
import { MalformedError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { BlobDigest } from '../../core/ports.ts';
import type { ArmedReplacement, DirectoryLock } from '../../core/rollback/port.ts';
import { BACKUP_LABEL } from '../../core/snapshot/label.ts';
import { nowSec } from '../context.ts';
import { keepAsSnapshot } from '../snapshot/keep-as-snapshot.ts';
import { listSnapshotRefs } from '../snapshot/list-snapshot-refs.ts';
import { currentSnapshot } from '../snapshot/live-changes.ts';
import type { SetContent } from '../snapshot/read-set.ts';
import { baselineOf } from '../snapshot/read-set.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import type { GatedRollback } from './gate-rollback.ts';
import type { RollbackScene } from './plan-rollback.ts';
import { gatesToJournal } from './record-rollback.ts';

/** How much of what the stat cache knows may be out of date for the cache still to be of use. */
const MAX_STALE_SHARE = 0.1;

/** The plan, once everything that it takes away can be had back. Made by {@link backUp} only. */
export interface BackedUpRollback extends GatedRollback {
  readonly backup: StoredSnapshot;
  /** What the directory should be until then. */
  readonly current: StoredSnapshot | undefined;
}

/** Makes sure that a snapshot holds what is about to go: one that is there already, or a new one. */
export async function backUp(
  { ctx, trusted, set, workdir }: RollbackScene,
  gated: GatedRollback,
): Promise<BackedUpRollback> {
  const { live, target } = gated;
  const refs = await listSnapshotRefs(ctx, set.name);
  // Until the rollback is done, the directory should be what it should be now: not the backup, which becomes the newest.
  const current = await currentSnapshot(ctx, workdir, { set: set.name, refs });
  if (current !== undefined) await workdir.setExpected(current.tag);
  const message = { subject: `Before the rollback to ${target.stored.snapshot.id}`, body: undefined };
  // Erasing takes the lock of the directory, too.
  const kept = { trusted, set, live, refs, message, label: BACKUP_LABEL, logBefore: undefined };
  const backup = await keepAsSnapshot(ctx, kept);
  if (isWorthSaving(live)) await workdir.saveBaseline(baselineOf(backup.tag, live), live.entries, live.trees);
  return { ...gated, backup, current };
}

/**
 * Whether the directory is to be looked at again, after the rollback, with a stat cache of what it is now. Where the one
 * that is there differs from that in little, writing one costs more than it saves.
 */
function isWorthSaving({ entries, beside, cached, filesRead }: SetContent): boolean {
  // By the rules that are there now, it would be wrong.
  if (beside.length > 0) return false;
  const knownEntries = entries.length - filesRead;
  const lostEntries = (cached?.entries.length ?? 0) - knownEntries;
  return filesRead + lostEntries >= knownEntries * MAX_STALE_SHARE;
}

/**
 * Writes everything new beside the directory, proves that the outcome will be what is signed, and writes the journal.
 * Until it returns, nothing visible has changed, and on any error nothing will have.
 */
export async function stageRollback(
  scene: RollbackScene,
  backedUp: BackedUpRollback,
  lock: DirectoryLock,
): Promise<ArmedReplacement> {
  const { ctx, options } = scene;
  const { plan: made, target, gates, backup, current } = backedUp;
  const staged = lock.stage({ plan: made, operation: ctx.randomHex(16) });
  try {
    const digests = await ctx.store.restoreBlobs(staged.blobs, ctx.report.phase('Staging files'));
    const ofStaged = new Map(staged.blobs.map(({ oid }, i) => [oid, digests[i] as BlobDigest]));
    await requireSignedManifest(scene, backedUp, ofStaged);
    return staged.arm({
      from: backup.snapshot.id,
      to: target.stored.snapshot.id,
      startedAtSec: nowSec(ctx),
      context: {
        action: options.action,
        fromTag: backup.tag,
        toTag: target.stored.tag,
        ...(current === undefined ? {} : { expectedTag: current.tag }),
        ...(options.reason === undefined ? {} : { reason: options.reason }),
        ...(options.paths.length === 0 ? {} : { paths: JSON.stringify(options.paths) }),
        ...(options.environment === undefined ? {} : { environment: options.environment }),
        ...(options.health === undefined ? {} : { health: options.health }),
        ...(gates.length === 0 ? {} : { gates: gatesToJournal(gates) }),
        ...(options.pastGates === true ? { pastGates: 'yes' } : {}),
        counts: JSON.stringify(made.counts),
      },
    });
  } catch (error) {
    staged.discard();
    throw error;
  }
}

/**
 * Proves, before anything visible changes, that the directory will be what is signed: what stays is known by its
 * digest, what comes was hashed as it was staged, and together they must give the manifest.
 */
async function requireSignedManifest(
  { ctx, workdir, options }: RollbackScene,
  { target, live, entries, standing }: BackedUpRollback,
  staged: ReadonlyMap<Oid, BlobDigest>,
): Promise<void> {
  const { snapshot, ref } = target.stored;
  const known = new Map(staged);
  const unknown = entries.filter(
    ({ sha256, mode, oid }) => sha256 === undefined && fileType(mode) !== DIRECTORY && !known.has(oid),
  );
  if (unknown.length > 0) {
    // With --path, what is outside it was not staged; and where permissions alone differ, nothing is.
    const wanted = new Set(unknown.map(({ oid }) => oid));
    for (const { oid, sha256, size } of live.entries) if (wanted.delete(oid)) known.set(oid, { sha256, size });
    const stays = new Set(unknown.filter(({ path }) => standing.has(path)).map(({ oid }) => oid));
    if (options.paths.length === 0 && [...wanted].some((oid) => !stays.has(oid)))
      throw new Error('a whole rollback stages all that it needs');
    const { digests, faults } = await ctx.store.digestBlobs([...wanted], ctx.report.phase('Verifying content'));
    const [fault] = faults;
    if (fault !== undefined) throw new MalformedError(`'${ref}'`, `object ${fault[0]}: ${fault[1]}`);
    for (const [oid, digest] of digests) known.set(oid, digest);
  }
  const empty: BlobDigest = { sha256: ctx.digest.sha256(''), size: 0 };
  const lines = entries.map((entry) => {
    const { path, mode, oid } = entry;
    // A new release is staged as a whole: what stays is in it as a copy, and counts as that was hashed.
    if (entry.sha256 !== undefined && !staged.has(oid)) return entry;
    return { path, mode, ...(fileType(mode) === DIRECTORY ? empty : (known.get(oid) ?? empty)) };
  });
  const manifest = workdir.digestManifest(lines);
  if (manifest !== snapshot.manifest) {
    throw new MalformedError(
      `'${ref}'`,
      `its content gives the manifest sha256:${manifest}, signed is sha256:${snapshot.manifest}`,
      {
        hint: `The directory was not changed. Run "git snapshot verify ${snapshot.id}".`,
      },
    );
  }
}
