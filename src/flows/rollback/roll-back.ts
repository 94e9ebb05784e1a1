import { SnapshotError } from '../../core/errors.ts';
import { once } from '../../core/once.ts';
import type { ArmedReplacement, DirectoryLock } from '../../core/rollback/port.ts';
import { isBackup } from '../../core/snapshot/label.ts';
import { parseSelector } from '../../core/snapshot/selector.ts';
import type { Context } from '../context.ts';
import { actorFor, requireRole } from '../log/actor.ts';
import { soundLog } from '../log/sound-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { RollbackResult } from '../results.ts';
import { noSnapshots, resolveSnapshot, setOfSelector } from '../snapshot/choose-snapshot.ts';
import { listSnapshotRefs } from '../snapshot/list-snapshot-refs.ts';
import { currentSnapshot } from '../snapshot/live-changes.ts';
import { baselineOf, type ReadSet, readSet } from '../snapshot/read-set.ts';
import type { AcceptSnapshot, StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { readSnapshots } from '../snapshot/read-snapshots.ts';
import { requireCurrentKept } from '../snapshot/removed-current.ts';
import { LEFT_ALONE, tellUnfit } from '../snapshot/tell-left-out.ts';
import { toldUnchanged } from '../snapshot/told-unchanged.ts';
import { failedChecks, openJudge } from '../verify/judge-snapshot.ts';
import { type GatedRollback, gateRollback, requireGates } from './gate-rollback.ts';
import { leftAlone } from './left-alone.ts';
import { lockSet } from './lock-set.ts';
import { passHealthInPlace } from './pass-health.ts';
import { PhaseClock } from './phase-clock.ts';
import type { PlannedRollback, RollbackOptions, RollbackScene, VerifiedSnapshot } from './plan-rollback.ts';
import { describePlan, planChanges, verifyTarget } from './plan-rollback.ts';
import { applyRollback } from './settle-rollback.ts';
import { type BackedUpRollback, backUp, stageRollback } from './stage-rollback.ts';
import { clearUp } from './tell-stays.ts';
import { unfinishedError } from './unfinished-error.ts';

/**
 * Puts a set's directory back to a snapshot: verified before, backed up, applied so that a crash at any instant can be
 * finished or undone, verified after, and recorded.
 *
 * Each step takes what only the step before it can make.
 */
export async function rollBack(ctx: Context, options: RollbackOptions): Promise<RollbackResult> {
  const startedMs = ctx.nowMs();
  const clock = new PhaseClock(ctx);
  const trusted = await loadPolicy(ctx);
  const selected = options.snapshot === undefined ? undefined : parseSelector(options.snapshot);
  const set = governedSet(trusted.policy, (selected && setOfSelector(selected, options.set)) ?? options.set);
  const workdir = await ctx.workdir(set);
  const scene: RollbackScene = { ctx, trusted, set, workdir, options, startedMs, clock };

  const stored = await clock
    .time('resolve', () => resolveTarget(scene))
    .catch(async (error: unknown) => {
      // Whoever asks for what is not there may be asking because a rollback is unfinished.
      throw (await ctx.replacer(set)).unfinished() === undefined ? error : unfinishedError({ set: set.name });
    });
  const target = await clock.time('verify', () => verifyTarget(scene, stored));
  const lock = lockSet(await ctx.replacer(set));
  try {
    if (lock.pending() !== undefined) throw unfinishedError({ set: set.name });
    return await replaceContent(scene, target, lock);
  } finally {
    lock.release();
  }
}

/**
 * The snapshot that is to be put back. Where no certain one is named, one that cannot be trusted does not become the
 * target: it is told of and passed over.
 */
export async function resolveTarget({
  ctx,
  trusted,
  set,
  workdir,
  options,
}: Pick<RollbackScene, 'ctx' | 'trusted' | 'set' | 'workdir'> & {
  readonly options: Pick<RollbackOptions, 'snapshot' | 'steps'>;
}): Promise<StoredSnapshot> {
  const { steps = 0 } = options;
  if (!Number.isSafeInteger(steps) || steps < 0) {
    throw new SnapshotError('usage', `${steps} is no number of steps`, { hint: 'Give a whole number, 1 or more.' });
  }
  const judge = once(async () => {
    // Where the log is what is wrong, there is nothing to choose from.
    await soundLog(ctx, trusted);
    return openJudge(ctx, trusted);
  });
  const accept: AcceptSnapshot = async (stored) => failedChecks(await (await judge())(stored));
  if (options.snapshot !== undefined)
    return resolveSnapshot(ctx, trusted.policy, { set: set.name, snapshot: options.snapshot, accept });
  const refs = await listSnapshotRefs(ctx, set.name);
  await requireCurrentKept(ctx, { set: set.name, workdir, refs });
  const current = await currentSnapshot(ctx, workdir, { set: set.name, refs, accept });
  if (current === undefined) throw noSnapshots(set.name);
  let left = steps;
  if (left === 0) return current;
  const older = refs
    .slice(
      0,
      refs.findIndex(({ oid }) => oid === current.tag),
    )
    .reverse();
  const { snapshots } = await readSnapshots(ctx, older);
  for (const stored of snapshots) {
    // The same content again is no step back.
    if (isBackup(stored.snapshot.labels) || stored.snapshot.manifest === current.snapshot.manifest) continue;
    const reason = await accept(stored);
    if (reason !== undefined) ctx.note(`warning: '${stored.ref}' is passed over: ${reason}`);
    else if (--left === 0) return stored;
  }
  const found = steps - left;
  const there = found === 0 ? 'there is no other snapshot' : `there ${found === 1 ? 'is' : 'are'} only ${found}`;
  throw new SnapshotError('not-found', `${there} before '${current.snapshot.id}'`, {
    hint: 'Run "git snapshot list" to see what there is.',
  });
}

async function replaceContent(
  scene: RollbackScene,
  target: VerifiedSnapshot,
  lock: DirectoryLock,
): Promise<RollbackResult> {
  const { ctx, set, workdir, options, clock } = scene;
  const refs = await listSnapshotRefs(ctx, set.name);
  const aliveTags = new Set(refs.map(({ oid }) => oid));
  const reading = await clock.time('scan', () =>
    toldUnchanged(UNCHANGED, () =>
      readSet(ctx, workdir, {
        store: !options.dryRun,
        full: true,
        aliveTags,
        unsteady: 'take',
        unfit: 'leave-alone',
        except: (found) => leftAlone(ctx, { set: set.name, workdir, refs, target: target.stored }, found),
      }),
    ),
  );
  if (reading.outcome === 'unchanged') throw new Error('a full reading has content');
  const live = reading.content;
  try {
    const planned = await clock.time('plan', () => planChanges(scene, target, live));
    tellUnfit(ctx, live.unfit, LEFT_ALONE);
    const bare = describePlan(scene, planned);
    if (planned.plan.steps.length === 0 && !lock.mustConvert()) {
      // With --path, there may be much to do elsewhere.
      const isTarget = live.manifest === target.stored.snapshot.manifest;
      if (options.paths.length === 0 && !options.dryRun) await workdir.setExpected(target.stored.tag);
      if (isTarget && live.beside.length === 0 && !options.dryRun)
        await workdir.saveBaseline(baselineOf(target.stored.tag, live), live.entries, live.trees);
      if (!options.dryRun) clearUp(ctx, lock);
      return { ...bare, ...(await passInPlace(scene, planned)), outcome: 'nothing-to-do' };
    }
    if (options.dryRun) return { ...bare, gates: (await gateRollback(scene, planned)).gates, outcome: 'planned' };
    // Nobody is asked about what they cannot do.
    const actor = await actorFor(ctx, scene.trusted);
    requireRole(actor, 'releaser', { set: set.name });
    const gated = await gateRollback(scene, planned);
    requireGates(scene, gated);
    const preview = { ...bare, gates: gated.gates };
    await actor.signer.unlock();
    await options.confirm?.({ ...preview, outcome: 'planned' });
    const { latest, backedUp, armed } = await toldUnchanged(UNCHANGED, () => prepare(scene, { gated, reading, lock }));
    const { trusted, startedMs } = scene;
    return await applyRollback(ctx, {
      trusted,
      set,
      workdir,
      armed,
      from: backedUp.backup,
      to: target.stored,
      preview: latest === gated ? preview : { ...describePlan(scene, latest), gates: latest.gates },
      startedMs,
      clock,
      known: { before: latest.live.entries, after: latest.entries, unfit: latest.live.unfit },
    });
  } finally {
    await reading.abandon();
  }
}

const UNCHANGED = 'The directory was not changed.';

/** All that comes before the first change. */
async function prepare(
  scene: RollbackScene,
  { gated, reading, lock }: { gated: GatedRollback; reading: ReadSet; lock: DirectoryLock },
): Promise<{ latest: GatedRollback; backedUp: BackedUpRollback; armed: ArmedReplacement }> {
  const { clock } = scene;
  const latest = await followChanges(scene, { gated, reading, lock });
  const backedUp = await clock.time('backup', async () => {
    await reading.keep();
    return backUp(scene, latest);
  });
  return { latest, backedUp, armed: await clock.time('stage', () => stageRollback(scene, backedUp, lock)) };
}

/**
 * Reads again what other programs have changed since the scan, as while somebody was asked, so that the backup has that, too.
 * Once: what they change from here on is kept when the old files go.
 */
async function followChanges(
  scene: RollbackScene,
  { gated, reading, lock }: { gated: GatedRollback; reading: ReadSet; lock: DirectoryLock },
): Promise<GatedRollback> {
  const changed = lock.changedSince(gated.plan);
  if (changed.size === 0) return gated;
  const live = await scene.clock.time('scan', () => reading.again(changed));
  return { ...(await planChanges(scene, gated.target, live)), gates: gated.gates };
}

/**
 * What gates and the health program say of a directory that is the snapshot already. Nobody is asked where nothing follows from
 * it; but an environment is about to be promoted.
 */
async function passInPlace(
  scene: RollbackScene,
  planned: PlannedRollback,
): Promise<Pick<RollbackResult, 'gates' | 'health'>> {
  const { dryRun, environment } = scene.options;
  if (environment === undefined) return { gates: [], health: undefined };
  const gated = await gateRollback(scene, planned);
  if (dryRun) return { gates: gated.gates, health: undefined };
  requireGates(scene, gated);
  return { gates: gated.gates, health: await passHealthInPlace(scene) };
}
