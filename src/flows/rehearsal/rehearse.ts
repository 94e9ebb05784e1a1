import { SnapshotError } from '../../core/errors.ts';
import { judgeRehearsal, verdictOf } from '../../core/rehearsal/criteria.ts';
import { compareEntries } from '../../core/snapshot/changes.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import { actorFor, requireRole } from '../log/actor.ts';
import { soundLog } from '../log/sound-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { unfinishedError } from '../rollback/unfinished-error.ts';
import { noSnapshots } from '../snapshot/choose-snapshot.ts';
import { listSnapshotRefs } from '../snapshot/list-snapshot-refs.ts';
import { LEFT_ALONE, tellUnfit } from '../snapshot/tell-left-out.ts';
import { chooseTargets, type RehearsalTarget, type TargetChoice } from './choose-targets.ts';
import { LiveCopy } from './copy.ts';
import { snapshotOfLive } from './copy-live.ts';
import { lastSnapshot, pastRehearsals } from './past-rehearsals.ts';
import { readWhole } from './read-whole.ts';
import { recordRehearsals, requireRecordable } from './record-rehearsal.ts';
import type { RehearsalReport, RehearsalResult, RehearsedSnapshot } from './results.ts';
import { runTarget, type TargetRun } from './run-target.ts';
import type { OpenScratch } from './scratch.ts';

/** What to rehearse, and how. */
export interface RehearseOptions extends TargetChoice {
  readonly set: string | undefined;
  /** Kill rollbacks in the copy wherever they can be killed, at most at 20 places each, and see that they recover. */
  readonly faults: boolean;
  /** Ask the health program after each rollback, too: that of the environment, or of the set. It may look at what does not use the copy, but the real directory. */
  readonly health: boolean;
  /** Enter it into the log. */
  readonly record: boolean;
}

/** What a rehearsal needs of the world beside its context. */
export interface RehearsalTools {
  readonly openScratch: OpenScratch;
  /** A report as it is printed for programs, to the last byte: its digest goes into the log. */
  readonly textOf: (report: RehearsalReport) => string;
}

/**
 * Rolls back in earnest in a copy of the directory, and back again: by the code that does so in the directory, with its journal,
 * its events, its signatures. The directory itself is only read, as a whole before and after.
 *
 * @throws {SnapshotError} for what keeps it from beginning; what fails later is in the report
 */
export async function rehearse(
  ctx: Context,
  tools: RehearsalTools,
  options: RehearseOptions,
): Promise<RehearsalResult> {
  const startedMs = ctx.nowMs();
  if (ctx.isBare) throw isBare();
  const trusted = await loadPolicy(ctx);
  const set = governedSet(trusted.policy, options.set);
  const unfinished = (await ctx.replacer(set)).unfinished();
  if (unfinished !== undefined) throw unfinishedError(unfinished);
  const actor = await actorFor(ctx, trusted);
  // Whoever could not roll back learns nothing from a rehearsal, but this.
  requireRole(actor, 'releaser', { set: set.name });
  const log = await soundLog(ctx, trusted);
  const refs = await listSnapshotRefs(ctx, set.name);
  if (refs.length === 0) throw noSnapshots(set.name);
  const workdir = await ctx.workdir(set);
  const live = await readWhole(ctx, workdir);
  tellUnfit(ctx, live.unfit, LEFT_ALONE);
  const scene = { ctx, trusted, set, workdir, refs, liveManifest: live.manifest };
  const targets = await chooseTargets(scene, options);
  if (options.record) requireRecordable(ctx, actor, { set: set.name, targets });
  await actor.signer.unlock();

  const source = live.exists ? await snapshotOfLive(ctx, { trusted, set, workdir, live, refs }) : undefined;
  const from = source?.stored;
  const health = options.health ? 'ask' : 'leave-out';
  const copy = new LiveCopy({ ctx, openScratch: tools.openScratch, set, live, root: trusted.root, health, from });
  const runs = await runAll({ ctx, trusted, copy, targets, faults: options.faults });
  const after = await readWhole(ctx, await ctx.workdir(set));
  const changed = compareEntries(live.entries, after.entries).map(({ path }) => path);

  const last = lastSnapshot(log, { set: set.name, nowSec: Math.floor(startedMs / 1000) });
  const rehearsals = targets.map((target): RehearsedSnapshot => {
    const run = runs.get(target);
    if (run === undefined) throw new Error('every target is run');
    const measured = { ...run, changedPaths: changed.length, lossSec: last?.ageSec };
    const criteria = judgeRehearsal(measured, trusted.policy.rehearsal);
    return { ...describe(target, run), start: copy.startOf(target), verdict: verdictOf(criteria), criteria };
  });
  const report: RehearsalReport = {
    repository: trusted.policy.repository,
    set: set.name,
    startedAtSec: Math.floor(startedMs / 1000),
    durationMs: Math.max(0, Math.round(ctx.nowMs() - startedMs)),
    policy: { version: trusted.policy.version, digest: trusted.digest },
    verdict: rehearsals.every(({ verdict }) => verdict === 'pass') ? 'pass' : 'fail',
    live: {
      snapshot: from?.snapshot.id,
      isTaken: source?.isTaken ?? false,
      manifest: `sha256:${live.manifest}`,
      files: live.files,
      bytes: live.bytes,
      changed,
      copyMs: copy.copyMs,
    },
    last,
    rehearsals,
    history: pastRehearsals(log, set.name),
  };
  const digest = sha256Of(ctx, tools.textOf(report));
  if (options.record) {
    const toRecord = targets.map((target, i) => ({
      target,
      rehearsed: rehearsals[i] as RehearsedSnapshot,
      from: copy.startOf(target) === 'copy' ? from : undefined,
    }));
    await recordRehearsals(ctx, actor, { report, digest, rehearsals: toRecord });
  }
  return { report, digest, isRecorded: options.record };
}

async function runAll({
  ctx,
  trusted,
  copy,
  targets,
  faults,
}: {
  ctx: Context;
  trusted: Awaited<ReturnType<typeof loadPolicy>>;
  copy: LiveCopy;
  targets: readonly RehearsalTarget[];
  faults: boolean;
}): Promise<ReadonlyMap<RehearsalTarget, TargetRun>> {
  const runs = new Map<RehearsalTarget, TargetRun>();
  const inOrder = [...targets].sort((a, b) => Number(copy.startOf(a) === 'copy') - Number(copy.startOf(b) === 'copy'));
  try {
    for (const target of inOrder) {
      const run = await runTarget({ ctx, trusted, faults, copy: () => copy.ready(target) }, target);
      runs.set(target, run);
      // What a failure left there is nothing to go on with.
      const isWhole = run.exact.back && (run.faults?.failures ?? []).length === 0;
      if (run.failure !== undefined || !isWhole) await copy.drop();
    }
  } finally {
    await copy.drop();
  }
  return runs;
}

function describe(
  { stored: { snapshot }, purpose, environment }: RehearsalTarget,
  run: TargetRun,
): Omit<RehearsedSnapshot, 'start' | 'verdict' | 'criteria'> {
  const { failure, recoveryMs, verifyMs, there, back, gates, faults } = run;
  const { id, files, bytes } = snapshot;
  return {
    snapshot: id,
    purpose,
    environment,
    failure,
    recoveryMs,
    verifyMs,
    files,
    bytes,
    there,
    back,
    gates,
    faults,
  };
}

function isBare(): SnapshotError {
  return new SnapshotError('config', 'a bare repository has no directory, so there is nothing to rehearse with', {
    hint: 'Clone it, and run this in the clone.',
  });
}
