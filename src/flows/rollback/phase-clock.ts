import type { PhaseTime, RollbackPhase } from '../../core/rollback/phases.ts';
import type { Context } from '../context.ts';

/** Times the phases of a rollback, for its event and for whoever rehearses one. */
export class PhaseClock {
  readonly #ctx: Pick<Context, 'nowMs'>;
  readonly #times: PhaseTime[] = [];

  constructor(ctx: Pick<Context, 'nowMs'>) {
    this.#ctx = ctx;
  }

  /** What was timed so far, in order. */
  get times(): readonly PhaseTime[] {
    return [...this.#times];
  }

  /** Does `act`, and enters how long it took, if it succeeds. */
  async time<Result>(phase: RollbackPhase, act: () => Result | Promise<Result>): Promise<Result> {
    const startedMs = this.#ctx.nowMs();
    const result = await act();
    this.#times.push({ phase, ms: Math.max(0, Math.round(this.#ctx.nowMs() - startedMs)) });
    return result;
  }
}
