import { SnapshotError } from '../../core/errors.ts';
import type { GateSubject } from '../../core/gates/port.ts';
import type { Context } from '../context.ts';
import { verifiedSubject } from '../gates/gate-subject.ts';
import type { GateOutcome } from '../gates/results.ts';
import { namedGates, runGatesOn } from '../gates/run-gates.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { RehearsalTarget } from './choose-targets.ts';
import { killEverywhere } from './kill-everywhere.ts';
import type { RehearsedFaults, RehearsedRollback } from './results.ts';
import { type CopyScene, thereAndBack } from './there-and-back.ts';

/** What happened to one snapshot; it is judged once it is known whether the real directory is what it was. */
export interface TargetRun {
  readonly failure: string | undefined;
  readonly exact: { readonly there: boolean; readonly back: boolean };
  readonly recoveryMs: number;
  readonly verifyMs: number | undefined;
  readonly there: RehearsedRollback | undefined;
  readonly back: RehearsedRollback | undefined;
  readonly gates: readonly GateOutcome[];
  readonly faults: RehearsedFaults | undefined;
}

/** What a run needs. */
export interface RunScene {
  /** Of the real repository: it is read only. */
  readonly ctx: Context;
  readonly trusted: TrustedPolicy;
  readonly faults: boolean;
  /** The copy, made when it is asked for. @throws {SnapshotError} where it cannot be made */
  readonly copy: () => Promise<CopyScene>;
}

/** Verifies a snapshot, runs its gates, and rolls the copy back to it and forth again. What fails is a result. */
export async function runTarget({ ctx, trusted, faults, copy }: RunScene, target: RehearsalTarget): Promise<TargetRun> {
  let startedMs = ctx.nowMs();
  const since = () => Math.max(0, Math.round(ctx.nowMs() - startedMs));
  let run: TargetRun = {
    failure: undefined,
    exact: { there: false, back: false },
    recoveryMs: 0,
    verifyMs: undefined,
    there: undefined,
    back: undefined,
    gates: [],
    faults: undefined,
  };
  const orFailed = async (act: () => Promise<TargetRun>): Promise<TargetRun> => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      return { ...run, failure: error.message, recoveryMs: run.there === undefined ? since() : run.recoveryMs };
    }
  };
  run = await orFailed(async () => {
    const subject = await verifiedSubject(ctx, trusted, target.stored);
    run = { ...run, verifyMs: since() };
    return { ...run, gates: await runGates(ctx, { trusted, target, subject }) };
  });
  if (run.failure !== undefined) return run;
  // Without a copy nothing can be told of the snapshot.
  const scene = await copy();
  startedMs = ctx.nowMs();
  return orFailed(async () => {
    const { there, moves, ...rest } = await thereAndBack(scene, target.stored);
    run = { ...run, ...rest, there, recoveryMs: there.durationMs };
    if (!faults || !run.exact.there || !run.exact.back) return run;
    return { ...run, faults: await killEverywhere(scene, { report: ctx.report, target: target.stored, moves }) };
  });
}

async function runGates(
  ctx: Context,
  { trusted, target, subject }: { trusted: TrustedPolicy; target: RehearsalTarget; subject: GateSubject },
): Promise<GateOutcome[]> {
  const { policy } = trusted;
  const { gates: ofSet = [], rollback } = policy.sets[subject.set] ?? {};
  const ofEnvironment =
    target.environment === undefined ? [] : (policy.environments?.[target.environment]?.gates ?? []);
  const names = [...new Set([...(rollback?.gates ?? []), ...ofSet, ...ofEnvironment])];
  // One that asks for a rehearsal would wait for this very one.
  const gates = namedGates(policy, names).filter(({ gate }) => gate.type !== 'rehearsed');
  return runGatesOn(ctx, trusted, { subject, gates });
}
