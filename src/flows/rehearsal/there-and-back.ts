import type { GovernedSet } from '../context.ts';
import type { RollbackResult } from '../results.ts';
import { undoRollback } from '../rollback/resume-rollback.ts';
import { rollBack } from '../rollback/roll-back.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { readWhole } from './read-whole.ts';
import type { RehearsedRollback } from './results.ts';
import type { Scratch } from './scratch.ts';

const REASON = 'Rehearsal';

/** What is needed to roll back in a copy. */
export interface CopyScene {
  readonly scratch: Pick<Scratch, 'ctx' | 'takeMoves' | 'killed'>;
  readonly set: GovernedSet;
  /** Ask the health program of the policy after each rollback, too. */
  readonly health: 'ask' | 'leave-out';
  /** Of which the rollback is rehearsed, if it is of one: its health program comes before the set's. */
  readonly environment: string | undefined;
  /** SHA-256 of the manifest of what the copy is between rollbacks. */
  readonly restingManifest: string;
}

/** A rollback to a snapshot and its undoing, by the code that does so in earnest. */
export async function thereAndBack(scene: CopyScene, target: StoredSnapshot) {
  scene.scratch.takeMoves();
  const there = await goThere(scene, target);
  const moves = scene.scratch.takeMoves();
  const isThere = await holds(scene, target.snapshot.manifest);
  const back = await goBack(scene);
  const isBack = await holds(scene, scene.restingManifest);
  return { there: told(there), back: told(back), exact: { there: isThere, back: isBack }, moves };
}

/** Puts a snapshot into the copy. */
export function goThere(
  { scratch: { ctx }, set, health, environment }: CopyScene,
  target: StoredSnapshot,
): Promise<RollbackResult> {
  return rollBack(ctx, {
    set: set.name,
    snapshot: target.snapshot.id,
    steps: undefined,
    action: 'rollback',
    reason: REASON,
    paths: [],
    dryRun: false,
    // A rehearsal runs the gates itself, and tells how long they take.
    gates: 'leave-out',
    health,
    environment,
    confirm: undefined,
  });
}

/** Undoes the last rollback in the copy. */
export function goBack({ scratch: { ctx }, set, health }: CopyScene): Promise<RollbackResult> {
  return undoRollback(ctx, { set: set.name, reason: REASON, dryRun: false, health, confirm: undefined });
}

/** Whether the copy is what a manifest says, every byte of it read. */
export async function holds({ scratch: { ctx }, set }: CopyScene, manifest: string): Promise<boolean> {
  return (await readWhole(ctx, await ctx.workdir(set))).manifest === manifest;
}

function told({ phases, changes, durationMs }: RollbackResult): RehearsedRollback {
  return { phases, changes, durationMs: Math.round(durationMs) };
}
