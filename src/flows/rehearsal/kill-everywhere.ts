import { SnapshotError } from '../../core/errors.ts';
import type { ProgressReporter } from '../../core/ports.ts';
import { abortRollback, continueRollback } from '../rollback/resume-rollback.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import type { RehearsedFaults } from './results.ts';
import { type CopyScene, goBack, holds } from './there-and-back.ts';

/** Each costs a process and two rollbacks: where there are more places, these are spread over all of them. */
const MAX_KILLED = 20;

type Way = RehearsedFaults['failures'][number]['way'];

/** What is to be killed. */
interface Killing {
  readonly report: ProgressReporter;
  readonly target: StoredSnapshot;
  /** How many moves the rollback makes. */
  readonly moves: number;
}

/**
 * Kills the same rollback again and again, each time before another of its moves, and recovers: by `--continue` and by `--abort`
 * in turn. Afterwards the copy must be, to the last byte, the wanted snapshot or what it was. It ends with the first that is not.
 */
export async function killEverywhere(scene: CopyScene, { report, target, moves }: Killing): Promise<RehearsedFaults> {
  const places = spread(moves, MAX_KILLED);
  const progress = report.phase('Killing rollbacks');
  let recovered = 0;
  for (const [i, step] of places.entries()) {
    const way: Way = i % 2 === 0 ? 'continue' : 'abort';
    const detail = await killAndRecover(scene, { target, step, way });
    if (detail !== undefined) return { steps: moves, points: i + 1, recovered, failures: [{ step, way, detail }] };
    recovered += 1;
    progress(i + 1, places.length);
  }
  return { steps: moves, points: places.length, recovered, failures: [] };
}

/** So many of the numbers from 1 to `total`, evenly, with the first and the last. */
export function spread(total: number, count: number): number[] {
  if (total <= count) return Array.from({ length: total }, (_, i) => i + 1);
  return Array.from({ length: count }, (_, i) => 1 + Math.round((i * (total - 1)) / (count - 1)));
}

/** What went wrong, or undefined. */
async function killAndRecover(
  scene: CopyScene,
  { target, step, way }: { target: StoredSnapshot; step: number; way: Way },
): Promise<string | undefined> {
  const { scratch, set, restingManifest } = scene;
  const happened = await scratch.killed({ set, target, move: step });
  if (happened !== undefined) return `it was not killed: ${happened}`;
  try {
    if (way === 'abort') await abortRollback(scratch.ctx, { set: set.name });
    else {
      await continueRollback(scratch.ctx, { set: set.name });
      if (!(await holds(scene, target.snapshot.manifest))) return 'the copy was not the wanted snapshot afterwards';
      await goBack(scene);
    }
    return (await holds(scene, restingManifest)) ? undefined : 'the copy was not what it had been afterwards';
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return error.message;
  }
}
