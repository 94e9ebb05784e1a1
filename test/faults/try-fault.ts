import { rmSync } from 'node:fs';
import { programs } from '../support/programs.ts';
import { faultName } from './choose-faults.ts';
import { judge, type Outcome, type Way } from './judge.ts';
import { type Scene, type Stage, setStage } from './scene.ts';
import type { States } from './state.ts';
import { type Effect, type Point, type Program, runWithFault } from './strace/run-traced.ts';

/** A scenario whose points are known. */
export interface Prepared {
  readonly scene: Scene;
  /** The packed scene. */
  readonly template: string;
  readonly shims: Readonly<Record<string, string>>;
  readonly states: States;
}

export interface Fault {
  readonly point: Point;
  readonly effect: Effect;
  readonly way: Way;
}

/** The command of a scene on a stage, as a process of its own. */
export async function programOn(stage: Stage, { scene, shims }: Pick<Prepared, 'scene' | 'shims'>): Promise<Program> {
  const [program, ...args] = scene.words;
  const script = (await programs()).script(program === 'rollback' ? 'git-rollback' : 'git-snapshot');
  return { script, args, cwd: stage.repo.dir, env: { ...process.env, ...stage.env, ...shims }, disk: stage.dir };
}

const TRIES = 4;

/**
 * Runs the command into a fault, looks at what is left, recovers as a user would, and judges.
 *
 * @param dir - for the stage; does not exist
 * @returns undefined if the fault would not come to its point: what is written by several threads varies
 */
export async function tryFault(prepared: Prepared, fault: Fault, dir: string): Promise<Outcome | undefined> {
  let { point } = fault;
  for (let tries = 0; tries < TRIES; tries++) {
    const stage = setStage(prepared.template, dir);
    try {
      const faulted = await runWithFault(await programOn(stage, prepared), { point, effect: fault.effect });
      // Of the threads, any may be met.
      if (faulted.off === 0 || (faulted.off !== undefined && point.process === 'worker')) {
        const what = `${faultName(fault)} (${fault.way})`;
        const { scene, states } = prepared;
        return await judge({
          what,
          scene,
          states,
          stage,
          way: fault.way,
          isKilled: fault.effect === 'kill',
          ended: faulted,
        });
      }
      point = { ...point, nth: faulted.nth };
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  return undefined;
}
