import type { RehearseOptions } from '../../flows/rehearsal/rehearse.ts';
import type { RehearsalResult } from '../../flows/rehearsal/results.ts';

/** The part of the app that rehearses rollbacks. */
export interface RehearsalApp {
  /** Rolls back in a copy of the directory, and says what that took and whether it was exact. */
  rehearse(options: RehearseOptions): Promise<RehearsalResult>;
  /** Only in a scratch repository: rolls back, and kills this process (SIGKILL) before the move of that number, from 1. */
  rollBackAndDie(options: { readonly set: string; readonly snapshot: string; readonly move: number }): Promise<void>;
}
